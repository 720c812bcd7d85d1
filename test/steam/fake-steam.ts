import { createFakeClock, type FakeClock } from '../../src/testing/index.ts'

export const ADA = '76561198000000001'
export const EVE = '76561198000000002'
const DAY = 86_400

/** What fake Steam knows of a refresh token. Times in seconds since 1970. */
interface Known {
  readonly platform: 'web' | 'mobile' | 'client'
  readonly steamId: string
  readonly endsAt: number
  /** Steam replaces it from now on, if asked to. */
  readonly renewableFrom: number
  result: number
}

export interface Call {
  readonly host: string
  readonly path: string
  readonly method: string
  readonly headers: Headers
  readonly fields: Readonly<Record<string, string>>
  readonly type: string
}

type Fault = (call: Call) => Response | Promise<Response> | null

export interface FakeSteam {
  readonly clock: FakeClock
  readonly fetch: typeof globalThis.fetch
  readonly calls: Call[]
  /** Where `finalizelogin` sends the page to. */
  domains: string[]
  /** Answers in place of Steam where it returns something. */
  fault: Fault | null
  /** Makes a refresh token, as a person does by signing in. `life` in days. */
  token(platform: Known['platform'], options?: { steamId?: string; life?: number; renewableIn?: number }): string
  /** An access token of its own, as for another use. */
  accessToken(steamId?: string): string
  /** From now on, what Steam answers to this token: a result code. */
  refuse(token: string, result: number): void
  /** Whom an access token's cookie is for, if it is good. */
  whose(cookie: string, host: string): string | null
  /** Ends every cookie that was handed out. */
  dropCookies(): void
  callsTo(path: string): Call[]
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: object): string => `${encode({ typ: 'JWT', alg: 'EdDSA' })}.${encode(claims)}.c2lnbmF0dXJl`
const audience = { web: ['web'], mobile: ['web', 'mobile'], client: ['web', 'client'] }
const CORS_PAGE = 'https://steamcommunity.com'

/** Steam as far as its sessions go, by the facts that are known of it: one handler for all its hosts, on a fake clock. */
export function createFakeSteam(): FakeSteam {
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const tokens = new Map<string, Known>()
  const cookies = new Map<string, { readonly host: string; readonly steamId: string; readonly endsAt: number }>()
  let count = 0
  const now = (): number => Math.floor(clock.now() / 1000)
  const nextId = (): string => `0000_${String(++count).padStart(14, '0')}`

  const mint = (steamId: string, aud: string[], by: string): { readonly token: string; readonly endsAt: number } => {
    const endsAt = now() + DAY
    const claims = {
      iss: `r:${by}`,
      sub: steamId,
      aud,
      exp: endsAt,
      nbf: now(),
      iat: now(),
      jti: nextId(),
      rt_exp: 0,
      per: 0,
    }
    return { token: jwt(claims), endsAt }
  }
  const setCookie = (steamId: string, token: string, host: string, endsAt: number): string => {
    const value = `${steamId}%7C%7C${token}`
    cookies.set(value, { host, steamId, endsAt })
    return `steamLoginSecure=${value}; Path=/; Secure; HttpOnly; SameSite=None`
  }
  const resultOf = (token: string): number => {
    const known = tokens.get(token)
    if (!known) return 8
    return known.result !== 1 ? known.result : known.endsAt <= now() ? 27 : 1
  }
  const eresult = (result: number, response: object = {}): Response =>
    Response.json({ response }, { headers: { 'x-eresult': String(result) } })

  const finalize = ({ fields, headers, type }: Call): Response => {
    const token = fields.nonce ?? ''
    const page = headers.get('origin') === CORS_PAGE && headers.get('referer') === `${CORS_PAGE}/`
    if (
      !type.startsWith('multipart/form-data') ||
      !/^[\da-f]{24}$/.test(fields.sessionid ?? '') ||
      !page ||
      !fields.redir
    )
      return Response.json({ error: 8 })
    const result = resultOf(token)
    if (result !== 1) return Response.json({ error: result })
    const { steamId } = tokens.get(token) as Known
    const transfer = (host: string) => ({
      url: `https://${host}/login/settoken`,
      params: { nonce: `${host}~${token}`, auth: 'a' },
    })
    const headersOut = new Headers([
      [
        'set-cookie',
        `steamRefresh_steam=${steamId}%7C%7Crefresh; Path=/; Secure; HttpOnly; Domain=login.steampowered.com`,
      ],
      ['set-cookie', `sessionid=fedcbafedcbafedcbafedcba; Path=/; Secure`],
    ])
    return Response.json(
      { steamID: steamId, redir: fields.redir, transfer_info: steam.domains.map(transfer) },
      { headers: headersOut },
    )
  }
  const setToken = ({ host, fields }: Call): Response => {
    const [named, token = ''] = (fields.nonce ?? '').split('~')
    if (named !== host || !tokens.has(token) || fields.auth !== 'a' || fields.steamID !== tokens.get(token)?.steamId)
      return Response.json({ result: 8 })
    const { steamId } = tokens.get(token) as Known
    const { token: access, endsAt } = mint(steamId, [`web:${host.split('.')[0]}`], 'web')
    const headers = new Headers([
      ['set-cookie', setCookie(steamId, access, host, endsAt)],
      ['set-cookie', 'sessionid=abcdefabcdefabcdefabcdef; Path=/; Secure'],
      ['set-cookie', 'steamLoginSecure=planted; Path=/; Domain=example.com'],
    ])
    return Response.json({ result: 1, rtExpiry: 0 }, { headers })
  }
  const generate = ({ fields }: Call): Response => {
    const token = fields.refresh_token ?? ''
    const known = tokens.get(token)
    const result = resultOf(token)
    if (result !== 1) return eresult(result)
    if (known?.platform !== 'mobile' || fields.steamid !== known.steamId) return eresult(15)
    const { token: access, endsAt } = mint(known.steamId, ['web', 'mobile'], 'mobile')
    for (const host of ['steamcommunity.com', 'store.steampowered.com']) setCookie(known.steamId, access, host, endsAt)
    if (fields.renewal_type !== '1' || now() < known.renewableFrom) return eresult(1, { access_token: access })
    known.result = 26
    const refresh = steam.token('mobile', { steamId: known.steamId })
    return eresult(1, { access_token: access, refresh_token: refresh })
  }
  const revoke = ({ fields }: Call): Response => {
    const known = tokens.get(fields.token ?? '')
    if (!known || !fields.access_token?.includes('.')) return eresult(15)
    known.result = 26
    return eresult(1)
  }
  const page = ({ headers, host, path }: Call): Response => {
    const login = headers.get('cookie')?.match(/steamLoginSecure=([^;]+)/)?.[1] ?? ''
    const who = steam.whose(login, host)
    if (who) return new Response(`${host}${path} of ${who}`)
    return new Response(null, {
      status: 302,
      headers: { location: `https://${host}/login/home/?goto=${path.slice(1)}` },
    })
  }
  const answer = (call: Call): Response => {
    if (call.host === 'login.steampowered.com' && call.path === '/jwt/finalizelogin') return finalize(call)
    if (call.path === '/login/settoken') return setToken(call)
    if (call.path === '/IAuthenticationService/GenerateAccessTokenForApp/v1/')
      return call.host === 'api.steampowered.com' ? generate(call) : new Response('<html>', { status: 404 })
    if (call.path === '/IAuthenticationService/RevokeToken/v1/') return revoke(call)
    return page(call)
  }

  const steam: FakeSteam = {
    clock,
    calls: [],
    domains: ['store.steampowered.com', 'steamcommunity.com', 'help.steampowered.com'],
    fault: null,
    async fetch(input, init) {
      const request = new Request(input as Request, init)
      const url = new URL(request.url)
      const type = request.headers.get('content-type') ?? ''
      const form = /form/.test(type) ? [...(await request.clone().formData())] : []
      const fields = Object.fromEntries(form.map(([name, value]) => [name, String(value)]))
      const call: Call = {
        host: url.host,
        path: url.pathname,
        method: request.method,
        headers: request.headers,
        fields,
        type,
      }
      steam.calls.push(call)
      request.signal.throwIfAborted()
      return (await steam.fault?.(call)) ?? answer(call)
    },
    token(platform, { steamId = ADA, life = 200, renewableIn = life - 30 } = {}) {
      const endsAt = now() + life * DAY
      const aud = [...audience[platform], 'renew', 'derive']
      const token = jwt({
        iss: 'steam',
        sub: steamId,
        aud,
        exp: endsAt,
        nbf: now(),
        iat: now(),
        oat: now(),
        jti: nextId(),
        per: 1,
      })
      tokens.set(token, { platform, steamId, endsAt, renewableFrom: now() + renewableIn * DAY, result: 1 })
      return token
    },
    accessToken: (steamId = ADA) => mint(steamId, ['web'], 'x').token,
    refuse(token, result) {
      const known = tokens.get(token)
      if (known) known.result = result
    },
    whose(cookie, host) {
      const found = cookies.get(cookie)
      const mobile = found && Buffer.from(cookie.split('.')[1] ?? '', 'base64url').includes('mobile')
      return found && found.endsAt > now() && (mobile || found.host === host) ? found.steamId : null
    },
    dropCookies: () => cookies.clear(),
    callsTo: (path) => steam.calls.filter((call) => call.path.startsWith(path)),
  }
  return steam
}
