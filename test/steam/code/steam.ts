// steam.ts
import { sealedFile } from 'keyturn/node'
import { createSteamAuth } from 'keyturn/steam'

export const steam = createSteamAuth({
  steamId: '76561198000000000', // yours
  storage: sealedFile({
    path: 'state/steam',
    keys: process.env.SESSION_KEYS ?? '',
    profile: 'my-account',
    backend: 'https://steamcommunity.com',
    create: true, // the first run finds no file
  }),
})
