import { appPage, challengePage, secondFactorPage, signInPage, welcomePage } from './pages.ts'
import { codeOf } from './totp.ts'

const STEP = 30_000

export interface FakeSiteOptions {
  /** In ms since 1970. Default: Date.now. */
  readonly now?: () => number
  readonly username?: string
  readonly password?: string
  /** Base32. Default: no second factor. */
  readonly totpSecret?: string
  /** `sliding`: each visit lengthens the cookie. `rotating`: each visit replaces it, and the old one is refused. Default: `sliding`. */
  readonly cookie?: 'sliding' | 'rotating'
  /** How long the cookie lives without a visit, in s. Default: 1,209,600 (14 days). */
  readonly cookieLife?: number
  /** How long a token lives, in s. Default: 900. */
  readonly tokenLife?: number
  /** After so many wrong passwords in a row only a person gets any further. Default: 5. */
  readonly lockAfter?: number
}

/** Cookie `sid`, pages `/`, `/login`, `/second`; API `/api/token` (of the page) and `/api/desks` (with the token, or with the cookie). */
export interface FakeSite {
  readonly handler: (request: Request) => Promise<Response>
  /** What was asked for, such as `GET /`. */
  readonly requests: readonly string[]
  /** How many times somebody has signed in, and typed a wrong password or code. */
  readonly signIns: number
  readonly refused: number
  /** The steps of the second factor that were used. */
  readonly steps: readonly number[]
  password: string
  /** Shows a challenge in place of the sign-in form. */
  challenge: boolean
  /** Answers with this status in place of everything; null: as usual. */
  broken: number | null
  /** Ends all sessions, as a new password does. */
  endSessions(): void
  /** Refuses every token that was given out, before its time. */
  dropTokens(): void
}

/** Makes a fake site for tests, and for a first run of `keyturn/web-session`. */
export function createFakeSite(options: FakeSiteOptions = {}): FakeSite {
  const { now = Date.now, username = 'ada', totpSecret, cookie = 'sliding', lockAfter = 5 } = options
  const { cookieLife = 1_209_600, tokenLife = 900 } = options
  const sessions = new Map<string, { readonly tab: string; endsAt: number }>()
  const tokens = new Map<string, number>()
  const pending = new Set<string>()
  const requests: string[] = []
  const steps: number[] = []
  let wrong = 0
  let signIns = 0
  let refused = 0

  const random = (): string =>
    [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const cookieOf = (name: string, value: string, life: number): string =>
    `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${life}`
  const read = (request: Request, name: string): string =>
    request.headers.get('cookie')?.match(new RegExp(`(?:^|; )${name}=([^;]+)`))?.[1] ?? ''
  const sessionOf = (request: Request) => {
    const sid = read(request, 'sid')
    const session = sessions.get(sid)
    return session && session.endsAt > now() ? { sid, session } : null
  }
  const redirect = (to: string, cookies: readonly string[] = []): Response => {
    const headers = new Headers([['Location', to]])
    for (const line of cookies) headers.append('Set-Cookie', line)
    return new Response(null, { status: 303, headers })
  }
  const welcome = (): Response => {
    wrong = 0
    signIns++
    const sid = random()
    const tab = random()
    sessions.set(sid, { tab, endsAt: now() + cookieLife * 1000 })
    return welcomePage(tab, [cookieOf('sid', sid, cookieLife), cookieOf('pending', '', 0)])
  }
  const refuse = (page: (wrong: boolean) => Response): Response => {
    refused++
    wrong++
    return wrong >= lockAfter ? challengePage() : page(true)
  }
  const field = async (request: Request, name: string): Promise<string> =>
    new URLSearchParams(await request.clone().text()).get(name) ?? ''
  /** The step that a code is of: this one, or the one before (RFC 6238 section 5.2), and each once. */
  const usable = async (code: string): Promise<number | null> => {
    const current = Math.floor(now() / STEP)
    for (const step of [current, current - 1])
      if (!steps.includes(step) && code === (await codeOf(totpSecret ?? '', step))) return step
    return null
  }
  const token = (): { readonly token: string; readonly expires_in: number } => {
    const seconds = Math.floor(now() / 1000)
    const claims = { sub: username, iat: seconds, exp: seconds + tokenLife, jti: random() }
    const made = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(claims))}.x`.replaceAll('=', '')
    tokens.set(made, now() + tokenLife * 1000)
    return { token: made, expires_in: tokenLife }
  }

  const routes: Readonly<Record<string, (request: Request) => Response | Promise<Response>>> = {
    'GET /'(request) {
      const known = sessionOf(request)
      if (!known) return redirect('/login')
      const endsAt = now() + cookieLife * 1000
      if (cookie === 'sliding') known.session.endsAt = endsAt
      const sid = cookie === 'sliding' ? known.sid : random()
      if (cookie === 'rotating') {
        sessions.delete(known.sid)
        sessions.set(sid, { ...known.session, endsAt })
      }
      return appPage(username, [cookieOf('sid', sid, cookieLife)])
    },
    'GET /login': () => (site.challenge || wrong >= lockAfter ? challengePage() : signInPage()),
    async 'POST /login'(request) {
      if (site.challenge || wrong >= lockAfter) return challengePage()
      const good =
        (await field(request, 'username')) === username && (await field(request, 'password')) === site.password
      if (!good) return refuse(signInPage)
      if (!totpSecret) return welcome()
      const id = random()
      pending.add(id)
      return redirect('/second', [cookieOf('pending', id, 300)])
    },
    'GET /second': () => secondFactorPage(),
    async 'POST /second'(request) {
      if (!pending.has(read(request, 'pending'))) return redirect('/login')
      const code = await field(request, 'code')
      const used = await usable(code)
      if (used === null) return refuse(secondFactorPage)
      pending.delete(read(request, 'pending'))
      steps.push(used)
      return welcome()
    },
    'POST /logout'(request) {
      sessions.delete(read(request, 'sid'))
      return redirect('/login', [cookieOf('sid', '', 0)])
    },
    'POST /api/token'(request) {
      const known = sessionOf(request)
      if (!known || request.headers.get('x-tab') !== known.session.tab) return Response.json({}, { status: 401 })
      return Response.json(token())
    },
    'GET /api/desks'(request) {
      const bearer = request.headers.get('authorization')?.slice(7) ?? ''
      const good = (tokens.get(bearer) ?? 0) > now() || sessionOf(request)
      return good ? Response.json({ desks: 3 }) : Response.json({}, { status: 401 })
    },
  }

  const site: FakeSite = {
    password: options.password ?? 'correct horse',
    challenge: false,
    broken: null,
    requests,
    steps,
    get signIns() {
      return signIns
    },
    get refused() {
      return refused
    },
    endSessions() {
      sessions.clear()
      tokens.clear()
    },
    dropTokens: () => tokens.clear(),
    async handler(request) {
      const name = `${request.method} ${new URL(request.url).pathname}`
      requests.push(name)
      if (site.broken) return new Response('broken', { status: site.broken })
      return (await routes[name]?.(request)) ?? new Response('', { status: 404 })
    },
  }
  return site
}
