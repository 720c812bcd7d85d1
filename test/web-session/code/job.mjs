// job.mjs
import { createAuthFetch } from 'keyturn/fetch'
import { createKeeper } from 'keyturn/node'
import open from './keyturn.config.mjs'

const session = open({ profile: 'default', create: false })
const keeper = createKeeper({
  auth: session.auth,
  endsAt: session.endsAt,
  notify: ({ type, why }) => process.stderr.write(`${type}: ${why?.message ?? ''}\n`),
})
process.once('SIGTERM', () => keeper.stop())

const site = new URL(process.env.SITE ?? 'http://localhost:4000/').origin
const api = createAuthFetch(session.auth, { origins: [site] })
const answer = await api(`${site}/api/desks`)
process.stdout.write(`${answer.status} ${await answer.text()}\n`)
await keeper.stop()
