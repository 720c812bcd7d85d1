/** The storage that the tabs of one browser share, and each tab's own view of it. */
import { type AuthStorage, cookieStorage, memoryStorage, type SessionRecord, type StoredSession } from 'keyturn'
import type { FakeProcess } from 'keyturn/testing'
import { createFakeProcess } from '../../../src/testing/browser/fake-process.ts'
import type { Held } from '../orders/held-clock.ts'
import { type Cookie, createCookieJar } from './cookie-jar.ts'
import type { Device } from './device.ts'
import type { BrowserConfig, Planted } from './types.ts'

export type Part = 'access' | 'refresh' | 'record'

export interface Shelf {
  /** By which tabs name their lock and channel. */
  readonly key: string
  /** A new tab's view. */
  readonly open: (process: FakeProcess, tab: string) => AuthStorage
  /** Whether it holds the session of another app. */
  readonly foreign: () => boolean
  /** All that it holds, as a tab would read it. */
  readonly peek: () => StoredSession | null
  /** The access or refresh token it holds, as a reload would find them. */
  readonly token: (part: 'access' | 'refresh') => string | null
  /** Whether its record says that the session is over: tokens beside it are leftovers. */
  readonly over: () => boolean
  /** Whose session it holds, by its record; null: nobody's, or that does not tell. */
  readonly whose: () => string | null
  /** The server sets, or deletes, the cookie that tells scripts of a session that they do not see. */
  readonly hint: (there: boolean) => void
  /** The tab that reads or writes it right now. */
  readonly user: () => FakeProcess | null
  /** How many cookies hold a token or part of one, whether or not a reload would find it. */
  readonly pieces: () => number
  readonly block: (what: 'no' | 'all' | 'writes') => void
  readonly evict: (part: Part) => void
  readonly spoil: (part: Part) => void
  readonly plant: (what: Planted) => void
  /** Notes what it holds now, and puts back what was noted before. Nothing, the first time. */
  readonly rewind: () => void
}

export interface ShelfOptions extends Pick<BrowserConfig, 'storage' | 'https' | 'origins' | 'inPage' | 'restore'> {
  readonly device: Device
  /** Lets a step of an operation of the `async` storage be done after a while. */
  readonly later: (what: Held) => void
  /** Another tab has written in the middle of a write of this one. */
  readonly torn: () => void
  /** Something that tabs can see has changed. */
  readonly changed: (part: Part | null, value: string | null, by: 'page' | 'expiry' | 'outside') => void
}

export function createShelf(options: ShelfOptions): Shelf {
  if (options.storage === 'cookies') return createCookieShelf(options)
  if (options.storage === 'async') return createAsyncShelf(options)
  const nothing = () => {}
  return {
    key: '',
    open: memoryStorage,
    foreign: () => false,
    peek: () => null,
    token: () => null,
    over: () => false,
    whose: () => null,
    hint: nothing,
    user: () => null,
    pieces: () => 0,
    block: nothing,
    evict: nothing,
    spoil: nothing,
    plant: nothing,
    rewind: nothing,
  }
}

/** No token of ours. It must not be sent anywhere. */
export const FOREIGN = 'a-token-of-another-app'
const SENSELESS = { id: 7, order: 'soon', receivedAt: 'now', expiresAt: 'soon', skew: null, user: [] }

/** What the app of another back end has stored. */
const anotherApps = (now: number): StoredSession => ({
  accessToken: `${FOREIGN}.access`,
  refreshToken: `${FOREIGN}.refresh`,
  record: {
    id: 'another-app',
    order: 1,
    version: 1,
    backend: 'https://another.example.test',
    receivedAt: now,
    expiresAt: null,
    skew: 0,
    user: { id: 'eve' },
  },
})

const whoseIs = (found: StoredSession | null): string | null => {
  const { over, user, subject = null } = found?.record ?? {}
  return over ? null : ((user as { id?: string } | null | undefined)?.id ?? subject)
}

const isForeign = (found: StoredSession | null): boolean =>
  found?.record?.id === 'another-app' || `${found?.accessToken} ${found?.refreshToken}`.includes(FOREIGN)

/** Tokens need no escapes; what cannot be decoded is none. */
const decode = (value: string | null): string | null => (value && !/%(?![\da-f]{2})/i.test(value) ? value : null)

/** The cookie of a server that marks its sessions for scripts. */
const HINT = 'has-session'
const COOKIES: Readonly<Record<Part, string>> = {
  access: 'auth-token',
  refresh: 'refresh-token',
  record: 'auth-session',
}

function createCookieShelf({ device, https, origins, changed, torn, inPage: kept, restore }: ShelfOptions): Shelf {
  const marked = restore === 'marked'
  const partOf = (name: string): Part | null =>
    (Object.keys(COOKIES) as Part[]).find((part) => name === COOKIES[part]) ?? null
  const jar = createCookieJar({
    now: device.now,
    https,
    changed: (name, value, by) => changed(partOf(name), value, by),
  })
  let noted: readonly Cookie[] = []
  let user: FakeProcess | null = null
  /** Who wrote the last cookie. */
  let writer: FakeProcess | null = null
  const settings = {
    ...(origins === 2 && { domain: 'example.test' }),
    ...(kept && { access: 'memory' as const }),
    ...(marked && { hintCookie: HINT }),
  }

  const open = (process: FakeProcess): AuthStorage => {
    const real = cookieStorage(settings)
    // A task that is preempted goes on as if its writes had been done; others see them later.
    let ahead: ReturnType<typeof jar.copy> | null = null
    const page = {
      location: { hostname: 'app.example.test', pathname: '/' },
      get cookie() {
        return (ahead ?? jar).read()
      },
      set cookie(line: string) {
        const begun = writer === process
        process.leave(() => {
          if (begun && writer !== process) torn()
          writer = process
          jar.write(line)
        })
        if (process.status === 'running') return
        ahead ??= jar.copy()
        ahead.write(line)
      },
    }
    /** cookieStorage reaches the cookies by the global `document`, and js-cookie the time by `Date`. */
    const inPage = <T>(run: () => T): T => {
      const scope = globalThis as { document?: unknown }
      const { now } = Date
      const before = [user, scope.document] as const
      if (process.status === 'running') ahead = null
      user = process
      scope.document = page
      Date.now = device.now
      try {
        return run()
      } finally {
        Date.now = now
        user = before[0]
        if (user) scope.document = before[1]
        else delete scope.document
      }
    }
    const { lease } = real
    return {
      ...real,
      ...(lease && {
        lease: {
          read: () => inPage(lease.read),
          write: (text: string, seconds: number) => inPage(() => lease.write(text, seconds)),
        },
      }),
      ...(real.hint && { hint: () => inPage(() => !!real.hint?.()) }),
      read: () => inPage(() => real.read()),
      write: (session, context) => inPage(() => real.write(session, context)),
    }
  }

  const own = createFakeProcess(device)
  let reader: AuthStorage | undefined
  const peek = (): StoredSession | null => {
    reader ??= open(own)
    return reader.read() as StoredSession | null
  }
  return {
    key: cookieStorage(settings).key ?? '',
    open,
    peek,
    foreign: () => isForeign(peek()),
    token: (part) => peek()?.[`${part}Token`] ?? null,
    over: () => decodeURIComponent(decode(jar.get(COOKIES.record)) ?? '').includes('"over":'),
    whose: () => whoseIs(peek()),
    user: () => user,
    hint(there) {
      const end = new Date(there ? device.now() + 1e11 : 0).toUTCString()
      if (marked) jar.write(`${HINT}=1; Expires=${end}`)
    },
    pieces: () =>
      jar.names().filter((name) => /^(access|refresh)$/.test(partOf(name.replace(/\.\d+$/, '')) ?? '')).length,
    block(what) {
      jar.blocked = what
    },
    evict(part) {
      for (const name of jar.names()) if (name.startsWith(COOKIES[part])) jar.remove(name)
    },
    spoil(part) {
      const name = COOKIES[part]
      jar.write(`${name}=spoiled%${https ? '; Secure' : ''}; Expires=${new Date(device.now() + 1e9).toUTCString()}`)
    },
    plant(what) {
      const later = new Date(device.now() + 1e9).toUTCString()
      const write = (name: string, value: string, more = ''): void =>
        jar.write(`${name}=${value}${https ? '; Secure' : ''}; Expires=${later}; Path=/${more}`)
      if (what === 'another app') {
        const [secure, now] = [https, device.now()]
        try {
          void open(createFakeProcess(device)).write(anotherApps(now), { secure, now, warn: () => {} })
        } catch {
          // Its cookies are blocked, as ours are.
        }
      } else if (what === 'piece') write('refresh-token.1', 'x')
      else if (what === 'name') write('refresh%2Dtoken', FOREIGN)
      else if (what === 'record') write(COOKIES.record, encodeURIComponent(JSON.stringify({ ...SENSELESS })))
      else
        for (const { name, value, domain } of jar.snapshot())
          if (!domain && partOf(name)) write(name, value, '; Domain=example.test')
    },
    rewind() {
      const now = jar.snapshot()
      if (noted.length) jar.restore(noted)
      noted = now
    },
  }
}

/**
 * A storage of the app's own, over something slow that takes a session as a whole, such as IndexedDB. What it reads is
 * how things were at some moment between question and answer.
 */
function createAsyncShelf({ later, changed, inPage, restore }: ShelfOptions): Shelf {
  let hinted = false
  let held: StoredSession | null = null
  let noted: StoredSession | null = null
  let blocked: 'no' | 'all' | 'writes' = 'no'
  const put = (next: StoredSession | null, by: 'page' | 'outside'): void => {
    held = next && inPage ? { ...next, accessToken: null } : next
    changed('refresh', held?.refreshToken ?? held?.accessToken ?? null, by)
  }

  const open = (process: FakeProcess, tab: string): AuthStorage => {
    const slowly = <T>(run: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        const answer = (text: string, settle: () => void): void =>
          later({ what: `${tab} hears of storage`, to: tab, detail: text, run: () => process.enter(settle) })
        process.leave(() => {
          const act = (): void => {
            try {
              const result = run()
              answer(JSON.stringify(result ?? null), () => resolve(result))
            } catch (error) {
              answer('fails', () => reject(error))
            }
          }
          later({ what: `storage hears of ${tab}`, to: 'storage', detail: '', run: act })
        })
      })
    const write = (next: StoredSession | null): Promise<void> =>
      slowly(() => {
        if (blocked !== 'no') throw new Error('The disk is full.')
        put(next, 'page')
      })
    return {
      key: 'own',
      ...(restore === 'marked' && { hint: () => hinted }),
      read: () =>
        slowly(() => {
          if (blocked === 'all') throw new Error('The disk is gone.')
          return held
        }),
      write,
    }
  }
  const without = (part: Part, value: 'spoiled' | null): StoredSession | null => {
    const name = part === 'record' ? part : (`${part}Token` as const)
    const next = held && { ...held, [name]: part === 'record' ? null : value }
    return next && (next.accessToken || next.refreshToken || next.record) ? next : null
  }

  return {
    key: 'own',
    open,
    peek: () => held,
    foreign: () => isForeign(held),
    token: (part) => held?.[`${part}Token`] ?? null,
    over: () => !!held?.record?.over,
    whose: () => whoseIs(held),
    user: () => null,
    hint(there) {
      hinted = there
    },
    pieces: () => 0,
    block(what) {
      blocked = what
    },
    evict: (part) => put(without(part, null), 'outside'),
    spoil: (part) => put(without(part, 'spoiled'), 'outside'),
    plant(what) {
      if (what === 'another app') put(anotherApps(0), 'outside')
      else if (what === 'record' && held) put({ ...held, record: SENSELESS as unknown as SessionRecord }, 'outside')
    },
    rewind() {
      const now = held
      if (noted) put(noted, 'outside')
      noted = now
    },
  }
}
