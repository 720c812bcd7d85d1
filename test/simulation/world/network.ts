import { type AxiosAdapter, AxiosError, AxiosHeaders, type AxiosResponse } from 'axios'
import { createHidden, type Hidden, type Sealed } from './hidden.ts'
import type { Errand, Letter } from './letter.ts'
import { draw } from './random.ts'
import type { Sim } from './sim.ts'
import { idOf } from './steps.ts'
import type { SimTab } from './tab.ts'
import type { Mishap, Target } from './types.ts'
import { isWording, WORDINGS } from './wordings.ts'

export interface Network {
  readonly fetchOf: (tab: SimTab) => typeof fetch
  /** An adapter for axios, which puts requests on the same network. */
  readonly adapterOf: (tab: SimTab) => AxiosAdapter
  readonly fault: (target: Target, mishap: Mishap, times: number, after?: number) => void
  readonly clearFaults: () => void
  /** How many requests are still to meet a fault. */
  readonly faults: () => number
  /** Whether the server would take this refresh token. */
  readonly isLive: (refreshToken: string) => boolean
  /** When the tokens run out that a server of equal tokens has given, in ms since 1970, true time. */
  readonly ends: () => readonly number[]
  /** To be called before the request whose config has this number as `errand` is sent. */
  readonly begin: (errand: Errand) => void
  readonly letters: readonly Letter[]
  /** The cookies that scripts do not see. */
  readonly hidden: Hidden
  online: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface Outgoing {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string | null
  readonly signal: AbortSignal | null
  readonly errand: Errand | null
  readonly keepalive?: boolean | undefined
}

/** Longer than the kit waits for anything. */
const TOO_LONG = 12_000
/** A connection on which nothing comes breaks in the end. */
const BREAKS = 300_000

const offline = (): TypeError => new TypeError('Failed to fetch')

export function createNetwork(sim: Sim): Network {
  const { truth, world, ledger, timeline } = sim
  const letters: Letter[] = []
  const hidden = createHidden(sim)
  const counts = new Map<SimTab, number>()
  const nextOf = (tab: SimTab): string => {
    const count = (counts.get(tab) ?? 0) + 1
    counts.set(tab, count)
    return `${tab.name}${count}`
  }
  const faults = new Map<Target, { mishap: Mishap; after: number | undefined }[]>()
  const way = (letter: Letter, leg: string): number =>
    Math.floor(draw(world.seed, 'way', leg, letter.tab.name, letter.target, letter.number) * (sim.latency + 1))

  /** Lets the mock server work on it. Its answer, read. */
  const process = async (letter: Letter, { headers, body }: Outgoing, after?: number): Promise<Answer> => {
    const { mishap, method, url } = letter
    if (mishap === 'redirect') return { status: 307, headers: new Headers(), text: '' }
    if (isWording(mishap)) {
      const { status, type, text } = WORDINGS[mishap]
      timeline.note('server', `#${letter.number}`, letter.target, '→', status, text)
      return { status, headers: new Headers({ 'Content-Type': type }), text }
    }
    if (world.server.equal && letter.target === 'sign_out') return { status: 204, headers: new Headers(), text: '' }
    if (mishap === 'html') sim.mock.faults.next('*', { type: 'html' })
    if (mishap === 'wall') sim.mock.faults.next('*', { type: 'html', status: 403 })
    // Whoever begins to answer a sign-out has heard it.
    const heard = mishap === 'junk' && letter.target === 'sign_out'
    if (mishap === 'junk' && !heard) sim.mock.faults.next('*', { type: 'junk' })
    if (typeof mishap === 'number') {
      const wait = after ? { 'Retry-After': String(after) } : {}
      sim.mock.faults.next('*', { type: 'status', status: mishap, headers: wait })
    }
    const known = letter.refreshToken ? standing.get(letter.refreshToken) : undefined
    const sent = known ? JSON.stringify({ ...JSON.parse(body ?? '{}'), refresh_token: known }) : body
    const { refused, request } = await hidden.serve(letter, { method, headers, body: sent })
    if (refused) return refused
    const answered = sim.mock.handle(new Request(url, request))
    letter.entry = sim.mock.log.at(-1) ?? null
    letter.issued = null
    const response = await answered
    const text = fixed(letter, alike(letter, await response.text()))
    note(letter, text)
    if (heard && response.ok)
      return { status: 200, headers: new Headers({ 'Content-Type': 'application/json' }), text: '{"mes' }
    return { status: response.status, headers: response.headers, text }
  }

  /** What a server says that gives the same person the same token again. */
  const given = new Map<string, { readonly text: string; readonly until: number }>()
  const ends: number[] = []
  const alike = ({ entry, target }: Letter, text: string): string => {
    if (!world.server.equal || target !== 'sign_in' || entry?.status !== 200 || !entry.sessionId) return text
    const before = given.get(entry.userId ?? '')
    if (before && before.until > truth.now()) {
      const answer = JSON.parse(before.text)
      const left = Math.ceil((before.until - truth.now()) / 1000)
      return JSON.stringify('expires_in' in answer ? { ...answer, expires_in: left } : answer)
    }
    const { refresh_token: _token, ...rest } = JSON.parse(text)
    const answer = JSON.stringify(rest)
    const until = truth.now() + world.server.life * 1000
    ends.push(until)
    given.set(entry.userId ?? '', { text: answer, until })
    return answer
  }

  /** Of a server that does not rotate: the refresh token that the mock has by now in place of a session's first one. */
  const standing = new Map<string, string>()
  const fixed = ({ entry, target, refreshToken, number }: Letter, text: string): string => {
    const next = entry?.issuedRefreshToken
    if (!world.server.fixed || entry?.status !== 200 || !next) return text
    const first = target === 'refresh' ? (refreshToken ?? next) : next
    standing.set(first, next)
    // RFC 6749 section 6: a server that issues no new one need not say so.
    const { refresh_token: _next, ...rest } = JSON.parse(text)
    return JSON.stringify(target === 'refresh' && number % 2 ? rest : { ...rest, refresh_token: first })
  }

  const note = (letter: Letter, text: string): void => {
    const { entry, target } = letter
    if (!entry) return
    if (entry.status === 200 && (target === 'sign_in' || target === 'refresh') && entry.sessionId && entry.userId) {
      const { access_token: access } = JSON.parse(text) as { access_token: string }
      ledger.issue('access', access, entry.sessionId, entry.userId)
      const kept = world.server.fixed && target === 'refresh'
      letter.issued = world.server.equal || kept ? null : hidden.credential(entry.issuedRefreshToken, access)
      if (letter.issued === entry.issuedRefreshToken && letter.issued)
        ledger.issue('refresh', letter.issued, entry.sessionId, entry.userId)
    }
    timeline.note(
      'server',
      `#${letter.number}`,
      target,
      target === 'refresh'
        ? ledger.alias(letter.refreshToken)
        : letter.bearer
          ? `with ${ledger.alias(letter.bearer)}`
          : '',
      '→',
      entry.status,
      entry.verdict ?? entry.code ?? '',
      letter.issued ? `gives ${ledger.alias(letter.issued)}` : '',
    )
    sim.watch.served(letter)
  }

  const send = (tab: SimTab, out: Outgoing): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const target = targetOf(out.url)
      const letter: Letter = {
        number: letters.length,
        at: truth.elapsed(),
        name: `${target} ${nextOf(tab)}`,
        tab,
        target,
        method: out.method,
        url: out.url,
        bearer: /^Bearer (\S+)$/.exec(out.headers.Authorization ?? '')?.[1] ?? null,
        refreshToken: target === 'refresh' ? (JSON.parse(out.body ?? '{}').refresh_token ?? null) : null,
        errand: out.errand,
        keepalive: !!out.keepalive,
        mishap: null,
        entry: null,
        issued: null,
        fate: 'under way',
      }
      letters.push(letter)
      const go = (what: string, to: string, run: () => void, ms: number): void =>
        sim.later({ what: `${letter.name} ${what}`, to, detail: '', run }, ms, sim.latency)
      const { process: own } = tab.fake
      let over = false
      const finish = (): void => {
        over = true
        out.signal?.removeEventListener('abort', abort)
        forget()
      }
      const settle = (run: () => void): void =>
        own.enter(() => {
          if (over) return
          finish()
          run()
        })
      const lose = (): void => {
        if (letter.fate !== 'under way') return
        letter.fate = 'lost'
        sim.watch.lost(letter)
      }
      const fail = (): void => {
        lose()
        settle(() => {
          timeline.note(tab.name, `#${letter.number}`, target, 'fails')
          reject(offline())
        })
      }
      const abort = (): void => {
        finish()
        timeline.note(tab.name, `#${letter.number}`, target, 'is aborted')
        lose()
        reject(out.signal?.reason)
      }
      const deliver = ({ cookies, ...answer }: Sealed): void => {
        if (!sim.network.online) {
          fail()
          return
        }
        // The browser takes cookies as the answer arrives, whatever the tab is doing; a sign-out outlives its page.
        if (letter.fate === 'under way' || (letter.keepalive && own.status === 'closed')) hidden.take(cookies)
        if (hidden.any) letter.told = [sim.shelf.whose(), idOf(tab.auth.getState().user) ?? null]
        settle(() => {
          letter.fate = 'delivered'
          if (letter.issued) ledger.reach(tab, letter.issued)
          timeline.note(tab.name, `#${letter.number}`, target, 'answered', answer.status)
          resolve(answer)
        })
      }
      const forget = own.onClose(lose)

      if (out.signal?.aborted) return abort()
      out.signal?.addEventListener('abort', abort, { once: true })
      own.leave(() => {
        const sending = target === 'elsewhere' ? out : hidden.attach(letter, out)
        sim.watch.sent(letter)
        timeline.note(
          tab.name,
          `#${letter.number}`,
          target,
          out.method,
          letter.bearer ? `with ${ledger.alias(letter.bearer)}` : '',
        )
        if (target === 'elsewhere') {
          const answer = { status: 200, headers: new Headers(), text: '{}' }
          go('elsewhere', tab.name, () => deliver({ ...answer, cookies: null }), way(letter, 'elsewhere'))
          return
        }
        if (!sim.network.online) return go('is lost', tab.name, fail, way(letter, 'offline'))
        const fault = faults.get(target)?.shift()
        const mishap = fault?.mishap ?? null
        letter.mishap = mishap
        letter.wait = typeof mishap === 'number' ? (fault?.after ?? 0) * 1000 : 0
        if (mishap !== null) timeline.note('network', `#${letter.number}`, 'meets', mishap)
        const there = way(letter, 'there') + (mishap === 'late' ? TOO_LONG : 0)
        const back = way(letter, 'back') + (mishap === 'slow' ? TOO_LONG : 0)
        const arrive = async (): Promise<void> => {
          // A cancelled connection may take its request with it.
          if (letter.fate === 'lost' && !sim.held && draw(world.seed, 'cancel', letter.number) < 0.5) return
          if (mishap === 'drop') return fail()
          if (mishap === 'hang') return void truth.setTimeout(fail, BREAKS)
          let answer = hidden.seal(letter, await process(letter, sending, fault?.after))
          if (mishap === 'twice') answer = hidden.seal(letter, await process(letter, sending))
          if (mishap === 'lost') go('is lost', tab.name, fail, back)
          else if (mishap === 'silent') truth.setTimeout(fail, BREAKS)
          else go('comes back', tab.name, () => deliver(answer), back)
        }
        go('arrives', 'server', () => void arrive(), there)
      })
    })

  const errands = new Map<number, Errand>()
  return {
    begin: (errand) => void errands.set(errand.number, errand),
    letters,
    hidden,
    online: true,
    fault(target, mishap, times, after) {
      const queue = faults.get(target) ?? []
      for (let count = 0; count < times; count++) queue.push({ mishap, after })
      faults.set(target, queue)
    },
    clearFaults: () => faults.clear(),
    faults: () => [...faults.values()].reduce((sum, { length }) => sum + length, 0),
    isLive(refreshToken) {
      const token = standing.get(refreshToken) ?? refreshToken
      return !!sim.mock.admin.sessionOf(token)?.liveTokens.includes(token)
    },
    ends: () => [...ends, ...hidden.ends],
    fetchOf: (tab) => async (input, init) => {
      const { method = 'GET', body = null, headers = {}, signal = null, redirect, mode, keepalive } = init ?? {}
      const answer = await send(tab, {
        method,
        url: String(input),
        headers: headers as Record<string, string>,
        body: body as string | null,
        signal,
        errand: null,
        keepalive,
      })
      if (answer.status === 307) {
        if (redirect === 'manual') return Response.error()
        if (mode === 'same-origin' || redirect === 'error') throw offline()
        sim.violate('j no token told', `${tab.name} follows a redirect to another origin`)
      }
      return new Response(answer.status === 204 ? null : answer.text, answer)
    },
    adapterOf: (tab) => async (config) => {
      const errand = errands.get((config as { errand?: number }).errand ?? -1) ?? null
      if (errand) errand.sends++
      const url = new URL(tab.api.getUri(config), sim.base).href
      const headers = Object.fromEntries(
        Object.entries(config.headers.toJSON()).map(([key, value]) => [key, String(value)]),
      )
      const stop = new AbortController()
      const given = config.signal as AbortSignal | undefined
      const abort = (): void => stop.abort(given?.reason)
      if (given?.aborted) abort()
      given?.addEventListener?.('abort', abort)
      // Kept by the browser's network stack, which does not throttle it.
      const late = (): void => tab.fake.process.enter(() => stop.abort(tooSlow(config.timeout)))
      const timer = config.timeout ? sim.device.setTimeout(late, config.timeout) : null
      const body = (config.data ?? null) as string | null
      const method = (config.method ?? 'get').toUpperCase()
      const { signal } = stop
      const {
        status,
        text,
        headers: got,
      } = await send(tab, { method, url, headers, body, signal, errand })
        .catch((error) => {
          throw error instanceof TypeError ? new AxiosError('Network Error', AxiosError.ERR_NETWORK, config) : error
        })
        .finally(() => {
          sim.device.clearTimeout(timer)
          given?.removeEventListener?.('abort', abort)
        })
      const response: AxiosResponse = {
        data: text,
        status,
        statusText: '',
        headers: AxiosHeaders.from(Object.fromEntries(got)),
        config,
      }
      if (!config.validateStatus || config.validateStatus(status)) return response
      throw new AxiosError(
        `Request failed with status code ${status}`,
        AxiosError.ERR_BAD_REQUEST,
        config,
        null,
        response,
      )
    },
  }
}

const tooSlow = (limit = 0): AxiosError => new AxiosError(`timeout of ${limit}ms exceeded`, AxiosError.ECONNABORTED)

const PATHS: readonly (readonly [path: string, target: Target])[] = [
  ['/auth/login', 'sign_in'],
  ['/auth/refresh-token', 'refresh'],
  ['/auth/logout', 'sign_out'],
  ['/auth/me', 'user'],
]

function targetOf(url: string): Letter['target'] {
  if (url.includes('elsewhere')) return 'elsewhere'
  return PATHS.find(([path]) => url.includes(path))?.[1] ?? 'api'
}
