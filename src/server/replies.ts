/** Where a server keeps, for some seconds, what the auth server answered to a refresh token. */

/** A store that several processes share. Keys are digests, values are sealed: it never sees a token. */
export interface ReplyStore {
  get(key: string): Promise<string | null>
  /**
   * Keeps a value for `ms`. `fresh`: only if there is none under that key, as one atomic step.
   * @returns whether it was kept
   */
  set(key: string, value: string, ms: number, fresh?: boolean): Promise<boolean>
  delete(key: string): Promise<unknown>
}

const bytes = (text: string) => new TextEncoder().encode(text)
const toText = (data: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(data)))
const toBytes = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
const digest = (purpose: string, token: string) => crypto.subtle.digest('SHA-256', bytes(`keyturn ${purpose} ${token}`))

/** Under which key the answer to a refresh token is kept. */
export const keyFor = async (token: string): Promise<string> => `keyturn:${toText(await digest('key', token))}`

/** Only who has the refresh token can open it. Each token seals one answer: so the nonce may be constant. */
const cipher = { name: 'AES-GCM', iv: new Uint8Array(12) }
const secretOf = async (token: string) =>
  crypto.subtle.importKey('raw', await digest('seal', token), 'AES-GCM', false, ['encrypt', 'decrypt'])

export const sealReply = async (token: string, reply: unknown): Promise<string> =>
  toText(await crypto.subtle.encrypt(cipher, await secretOf(token), bytes(JSON.stringify(reply))))

export const openReply = async (token: string, sealed: string): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(cipher, await secretOf(token), toBytes(sealed))))
