// The entry for Steam sessions of a process: `keyturn/steam`.
export { createSteamAuth, type SteamAuth, type SteamAuthOptions } from './create-steam-auth.ts'
export { type SteamBackendOptions, type SteamCredentials, type SteamUser, steamBackend } from './steam-backend.ts'
export type { SteamFetch } from './steam-fetch.ts'
export type { SteamPlatform } from './steam-token.ts'
