/** The storage that the tabs of one browser share, and each tab's own view of it. */
import { type AuthStorage, cookieStorage, memoryStorage, type StoredSession } from 'keyturn'
import type { FakeProcess } from 'keyturn/testing'
import { type Cookie, createCookieJar } from './cookie-jar.ts'
import type { Device } from './device.ts'
import type { BrowserConfig } from './types.ts'

export type Part = 'access' | 'refresh' | 'record'

export interface Shelf {
  /** A new tab's view. */
  readonly open: (process: FakeProcess) => AuthStorage
  /** The access or refresh token it holds, as a reload would find them. */
  readonly token: (part: 'access' | 'refresh') => string | null
  /** Whether its record says that the session is over: tokens beside it are leftovers. */
  readonly over: () => boolean
  /** How many cookies hold a token or part of one, whether or not a reload would find it. */
  readonly pieces: () => number
  readonly block: (what: 'no' | 'all' | 'writes') => void
  readonly evict: (part: Part) => void
  readonly spoil: (part: Part) => void
  /** Notes what it holds now, and puts back what was noted before. Nothing, the first time. */
  readonly rewind: () => void
}

export interface ShelfOptions extends Pick<BrowserConfig, 'storage' | 'https'> {
  readonly device: Device
  /** How long one operation of the `async` storage takes. */
  readonly delay: () => number
  /** Something that tabs can see has changed. */
  readonly changed: (part: Part | null, value: string | null, by: 'page' | 'expiry' | 'outside') => void
}

export function createShelf(options: ShelfOptions): Shelf {
  if (options.storage === 'cookies') return createCookieShelf(options)
  if (options.storage === 'async') return createAsyncShelf(options)
  const nothing = () => {}
  return {
    open: memoryStorage,
    token: () => null,
    over: () => false,
    pieces: () => 0,
    block: nothing,
    evict: nothing,
    spoil: nothing,
    rewind: nothing,
  }
}

/** Tokens need no escapes; what cannot be decoded is none. */
const decode = (value: string | null): string | null => (value && !/%(?![\da-f]{2})/i.test(value) ? value : null)

const COOKIES: Readonly<Record<Part, string>> = {
  access: 'auth-token',
  refresh: 'refresh-token',
  record: 'auth-session',
}

function createCookieShelf({ device, https, changed }: ShelfOptions): Shelf {
  const partOf = (name: string): Part | null =>
    (Object.keys(COOKIES) as Part[]).find((part) => name === COOKIES[part]) ?? null
  const jar = createCookieJar({
    now: device.now,
    https,
    changed: (name, value, by) => changed(partOf(name), value, by),
  })
  let noted: readonly Cookie[] = []

  const open = (process: FakeProcess): AuthStorage => {
    const real = cookieStorage()
    // A task that is preempted goes on as if its writes had been done; others see them later.
    let ahead: ReturnType<typeof jar.copy> | null = null
    const page = {
      get cookie() {
        return (ahead ?? jar).read()
      },
      set cookie(line: string) {
        process.leave(() => jar.write(line))
        if (process.status === 'running') return
        ahead ??= jar.copy()
        ahead.write(line)
      },
    }
    /** cookieStorage reaches the cookies by the global `document`, and js-cookie the time by `Date`. */
    const inPage = <T>(run: () => T): T => {
      const scope = globalThis as { document?: unknown }
      const { now } = Date
      if (process.status === 'running') ahead = null
      scope.document = page
      Date.now = device.now
      try {
        return run()
      } finally {
        delete scope.document
        Date.now = now
      }
    }
    return {
      ...real,
      read: () => inPage(() => real.read()),
      write: (session, context) => inPage(() => real.write(session, context)),
    }
  }

  return {
    open,
    token: (part) => decode(jar.get(COOKIES[part])),
    over: () => decodeURIComponent(decode(jar.get(COOKIES.record)) ?? '').includes('"over":'),
    pieces: () => jar.names().filter((name) => partOf(name.replace(/\.\d+$/, '')) !== 'record').length,
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
function createAsyncShelf({ delay, device, changed }: ShelfOptions): Shelf {
  let held: StoredSession | null = null
  let noted: StoredSession | null = null
  let blocked: 'no' | 'all' | 'writes' = 'no'
  const put = (next: StoredSession | null, by: 'page' | 'outside'): void => {
    held = next
    changed('refresh', next?.refreshToken ?? null, by)
  }

  const open = (process: FakeProcess): AuthStorage => {
    const slowly = <T>(run: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        const answer = (settle: () => void): void => void device.setTimeout(() => process.enter(settle), delay())
        process.leave(() => {
          device.setTimeout(() => {
            try {
              const result = run()
              answer(() => resolve(result))
            } catch (error) {
              answer(() => reject(error))
            }
          }, delay())
        })
      })
    const write = (next: StoredSession | null): Promise<void> =>
      slowly(() => {
        if (blocked !== 'no') throw new Error('The disk is full.')
        put(next, 'page')
      })
    return {
      key: 'own',
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
    open,
    token: (part) => held?.[`${part}Token`] ?? null,
    over: () => !!held?.record?.over,
    pieces: () => 0,
    block(what) {
      blocked = what
    },
    evict: (part) => put(without(part, null), 'outside'),
    spoil: (part) => put(without(part, 'spoiled'), 'outside'),
    rewind() {
      const now = held
      if (noted) put(noted, 'outside')
      noted = now
    },
  }
}
