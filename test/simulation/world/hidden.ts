/**
 * The cookies that scripts do not see, and what a server does that sets them. The mock server speaks of tokens: here they are
 * taken out of its answers, and put into what is sent to it.
 */
import type { SessionKind } from 'keyturn'
import type { Letter } from './letter.ts'
import type { Answer, Outgoing } from './network.ts'
import { emailOf, PASSWORDS } from './people.ts'
import type { Sim } from './sim.ts'
import type { Kind, Person } from './types.ts'

/** What an answer does to the cookies. What it does not name stays. */
interface Cookies {
  readonly access?: string | null
  readonly refresh?: string | null
}
/** An answer as scripts see it, and beside it what they do not. */
export interface Sealed extends Answer {
  readonly cookies: Cookies | null
}
type Sent = Pick<Outgoing, 'method' | 'headers' | 'body'>

export interface Hidden {
  /** There are such cookies. */
  readonly any: boolean
  /** Puts in what the browser sends along, at the moment of sending. */
  readonly attach: (letter: Letter, out: Outgoing) => Outgoing
  /** What the mock is given for it; or the answer, where a credential that renews itself is no longer good. */
  readonly serve: (letter: Letter, sent: Sent) => Promise<{ readonly request: Sent; readonly refused?: Answer }>
  /** What is to be renewed with, of what the server has given. */
  readonly credential: (refresh: string | null, access: string) => string | null
  /** What the session is renewed with, as the browser has it. */
  readonly held: () => string | null
  readonly seal: (letter: Letter, answer: Answer) => Sealed
  /** The browser has got an answer. */
  readonly take: (cookies: Cookies | null) => void
  readonly clear: () => void
  /** Another page of the same site signs somebody in, or out. */
  readonly elsewhere: (person: Person | null) => void
  /** Which session the server takes the browser's cookies for; null: none, or it is over. */
  readonly live: () => { readonly session: string; readonly user: string } | null
  /** The server refuses all access tokens that it has given. */
  readonly expire: () => void
  /** When access tokens run out that nothing renews, in ms since 1970, true time. */
  readonly ends: readonly number[]
}

export const kindOf = (kind: Kind | undefined): SessionKind => {
  const [access = 'token', refresh = 'token'] = (kind ?? '').split('/').filter(Boolean)
  return { access, refresh } as SessionKind
}

/** What the mock is given where the cookie is missing: no token of anybody's. It answers 401, as servers do. */
const NO_COOKIE = 'nocookiehere'

/** The server does not get to look at the request. */
const isUnread = ({ mishap, target }: Letter): boolean =>
  typeof mishap === 'number' || ['html', 'wall'].includes(`${mishap}`) || (mishap === 'junk' && target !== 'sign_out')

export function createHidden(sim: Sim): Hidden {
  const { ledger, mock, timeline, truth } = sim
  const { kind, life, silent } = sim.world.server
  const { access, refresh } = kindOf(kind)
  const any = access === 'cookie' || refresh === 'cookie'
  const base = `${new URL(sim.href).origin}/api/auth`
  const ends: number[] = []
  const until = new Map<string, number>()
  let jar: Required<Cookies> = { access: null, refresh: null }

  const cookiesOf = (cookies: Required<Cookies>): Cookies => ({
    ...(access === 'cookie' && { access: cookies.access }),
    ...(refresh === 'cookie' && { refresh: cookies.refresh }),
  })
  const held = (): string | null => (!any ? null : refresh === 'cookie' ? jar.refresh : jar.access)
  const take = (cookies: Cookies | null): void => {
    if (!cookies) return
    jar = { ...jar, ...cookies }
    timeline.note('browser', 'has the cookies', ledger.alias(jar.access), ledger.alias(jar.refresh))
    sim.shelf.hint(!!held())
  }
  /** The server has given this access token. */
  const given = (token: string): void => {
    const end = truth.now() + life * 1000
    until.set(token, end)
    if (refresh === 'none' || refresh === 'access') ends.push(end)
  }
  const post = (path: string, headers: Record<string, string>, body: unknown): Promise<Response> =>
    mock.handle(new Request(`${base}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))

  return {
    any,
    ends,
    held,
    take,
    attach(letter, out) {
      const { target } = letter
      letter.others = target === 'sign_out' && !!out.body?.includes('"others"')
      const headers = { ...out.headers }
      let { body } = out
      if (access === 'cookie' && jar.access) {
        headers.Authorization = `Bearer ${jar.access}`
        letter.bearer = jar.access
      }
      if (refresh === 'cookie' && (target === 'refresh' || target === 'sign_out')) {
        // It goes by the cookie alone.
        delete headers.Authorization
        letter.bearer = null
        body = JSON.stringify({ ...JSON.parse(body ?? '{}'), refresh_token: jar.refresh ?? NO_COOKIE })
        if (target === 'refresh') letter.refreshToken = jar.refresh
      }
      if (refresh === 'access' && target === 'refresh') letter.refreshToken = letter.bearer
      return { ...out, headers, body }
    },
    async serve(letter, sent) {
      if (refresh !== 'access' || letter.target !== 'refresh' || isUnread(letter)) return { request: sent }
      const asked = mock.handle(new Request(`${base}/me`, { headers: sent.headers }))
      letter.entry = mock.log.at(-1) ?? null
      const { status, headers, ...response } = await asked.then(async (each) => ({
        status: each.status,
        headers: each.headers,
        text: await each.text(),
      }))
      timeline.note('server', `#${letter.number}`, 'is asked with', ledger.alias(letter.refreshToken), '→', status)
      if (status !== 200) return { request: sent, refused: { status, headers, text: response.text } }
      const refresh_token = mock.admin.currentRefreshToken(letter.entry?.sessionId ?? '')
      return { request: { ...sent, body: JSON.stringify({ refresh_token }) } }
    },
    credential: (given, token) => (refresh === 'access' ? token : refresh === 'none' ? null : given),
    seal(letter, answer) {
      const { target, entry } = letter
      if (!kind || !entry || entry.fault || entry.status !== answer.status) return { ...answer, cookies: null }
      if (target === 'sign_out' && answer.status < 300)
        return { ...answer, cookies: letter.others ? null : cookiesOf({ access: null, refresh: null }) }
      if ((target !== 'sign_in' && target !== 'refresh') || answer.status !== 200) return { ...answer, cookies: null }
      const { access_token, refresh_token = null, user, email, ...rest } = JSON.parse(answer.text)
      given(access_token)
      return {
        ...answer,
        text: JSON.stringify({ ...rest, ...(!silent && { user, email }), ...(access === 'token' && { access_token }) }),
        cookies: cookiesOf({ access: access_token, refresh: refresh_token }),
      }
    },
    expire() {
      for (const token of until.keys()) until.set(token, 0)
    },
    clear: () => take(cookiesOf({ access: null, refresh: null })),
    elsewhere(person) {
      if (!any || !sim.network.online) return
      timeline.note('elsewhere', person ? `signs in ${person}` : 'signs out')
      const headers = jar.access ? { Authorization: `Bearer ${jar.access}` } : {}
      const told = person
        ? post('login', {}, { email: emailOf(person), password: PASSWORDS[person] })
        : post('logout', headers as Record<string, string>, { refresh_token: jar.refresh ?? undefined })
      const entry = mock.log.at(-1)
      void told.then(async (response) => {
        const text = await response.text()
        const { sessionId, userId, issuedRefreshToken } = entry ?? {}
        if (!person || !sessionId || !userId) return take(cookiesOf({ access: null, refresh: null }))
        const { access_token } = JSON.parse(text)
        ledger.issue('access', access_token, sessionId, userId)
        if (issuedRefreshToken) ledger.issue('refresh', issuedRefreshToken, sessionId, userId)
        given(access_token)
        take(cookiesOf({ access: access_token, refresh: issuedRefreshToken ?? null }))
      })
    },
    live() {
      const token = ledger.find(refresh === 'cookie' ? jar.refresh : jar.access)
      const good =
        refresh === 'cookie'
          ? mock.admin.sessionOf(`${jar.refresh}`)?.liveTokens.includes(`${jar.refresh}`)
          : (until.get(`${jar.access}`) ?? 0) > truth.now()
      return token && good && mock.admin.isLive(token.session) ? token : null
    },
  }
}
