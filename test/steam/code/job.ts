// job.ts
import { createKeeper } from 'keyturn/node'
import { steam } from './steam.ts'

const keeper = createKeeper({
  auth: steam.auth,
  checkEvery: 12 * 3_600_000,
  endsAt: steam.endsAt,
  warnWithin: 14 * 86_400_000,
  notify: (notice) => fetch('https://chat.example.com/hook', { method: 'POST', body: JSON.stringify(notice) }),
})
process.once('SIGTERM', () => keeper.stop())
steam.onRotated(({ tokenId }) => process.stdout.write(`Steam gave a new refresh token, ${tokenId}\n`))

const page = await steam.fetch('https://steamcommunity.com/my/')
process.stdout.write(`${page.status}\n`)
