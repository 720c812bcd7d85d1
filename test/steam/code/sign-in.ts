// sign-in.ts, run once by a person: npx tsx sign-in.ts < refresh-token.txt
import { text } from 'node:stream/consumers'
import { steam } from './steam.ts'

await steam.auth.signIn({ refreshToken: (await text(process.stdin)).trim() })
await steam.auth.close()
