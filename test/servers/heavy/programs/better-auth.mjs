// better-auth with the bearer and jwt plugins, over SQLite. Its session slides: each look at it moves the expiry. With the
// word `long` the session outlives the JWTs that are given for it.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { LibsqlDialect } from '@libsql/kysely-libsql'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import { bearer, jwt } from 'better-auth/plugins'
import express from 'express'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { accessLife, appOrigin, folder, people, port, publicUrl, ready } from '../../harness/setting.mjs'

const options = {
  baseURL: publicUrl,
  secret: randomBytes(32).toString('hex'),
  trustedOrigins: [appOrigin],
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  database: {
    dialect: new LibsqlDialect({ client: createClient({ url: `file:${join(folder, 'auth.db')}` }) }),
    type: 'sqlite',
  },
  emailAndPassword: { enabled: true },
  session: { expiresIn: process.argv[2] === 'long' ? 86_400 : accessLife, updateAge: 0 },
  plugins: [bearer(), jwt({ jwt: { expirationTime: `${accessLife}s` } })],
}
const { runMigrations } = await getMigrations(options)
await runMigrations()
const auth = betterAuth(options)
for (const { email, name, password } of people) await auth.api.signUpEmail({ body: { email, name, password } })

const app = express()
app.all('/api/auth/*path', toNodeHandler(auth))
// An API in the same process, which looks the session up.
app.get('/api/echo', async (request, response) => {
  const found = await auth.api.getSession({
    headers: fromNodeHeaders(request.headers),
    query: { disableRefresh: true },
  })
  if (found) response.json({ email: found.user.email, name: found.user.name })
  else response.status(401).json({ message: 'Unauthorized' })
})
// An API elsewhere, which only verifies the token.
app.get('/jwt/echo', async (request, response) => {
  try {
    const keys = createLocalJWKSet(await auth.api.getJwks())
    const { payload } = await jwtVerify(request.headers.authorization.slice('Bearer '.length), keys)
    response.json({ email: payload.email, name: payload.name })
  } catch {
    response.status(401).json({ message: 'Unauthorized' })
  }
})
app.listen(port, '127.0.0.1', ready)
