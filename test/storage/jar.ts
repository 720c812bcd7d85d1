/** Stands between the code and `document.cookie`, so that a test sees and spoils what is written. */
import { vi } from 'vitest'

export interface Written {
  readonly name: string
  readonly value: string
  /** Lower-case names; `true` for an attribute without a value. */
  readonly attributes: Readonly<Record<string, string | true>>
  readonly deletes: boolean
}

const native = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie') as Required<PropertyDescriptor>

export const rawCookies = (): string => native.get.call(document)
export const rawWrite = (cookie: string): void => native.set.call(document, cookie)

export function parse(line: string): Written {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
  const attributes: Record<string, string | true> = Object.fromEntries(
    rest.map((part) => {
      const [name = '', ...value] = part.split('=')
      return [name.toLowerCase(), value.length ? value.join('=') : (true as const)] as const
    }),
  )
  const at = pair.indexOf('=')
  const expires = Date.parse(String(attributes.expires ?? ''))
  return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes, deletes: expires < Date.now() }
}

/** Records every write from now on; `keep` says which of them the browser keeps. */
export function spyOnCookies(keep: (written: Written) => boolean = () => true): Written[] {
  const writes: Written[] = []
  Object.defineProperty(document, 'cookie', {
    configurable: true,
    get: rawCookies,
    set(line: string) {
      const written = parse(line)
      writes.push(written)
      if (keep(written)) rawWrite(line)
    },
  })
  return writes
}

/** A browser with cookies switched off: nothing is kept and nothing is there. */
export function blockCookies(): void {
  Object.defineProperty(document, 'cookie', { configurable: true, get: () => '', set() {} })
}

/** The names of all cookies there are. */
export const cookieNames = (): string[] =>
  rawCookies()
    .split('; ')
    .filter(Boolean)
    .map((pair) => pair.slice(0, pair.indexOf('=')))
    .sort()

/** Below the page at `/app/x` every scope of the tests is visible. */
export const goTo = (path: string): void => history.replaceState(null, '', path)

/** An empty jar, and no spy, on the page at `/`. */
export function resetCookies(): void {
  Reflect.deleteProperty(document, 'cookie')
  vi.restoreAllMocks()
  goTo('/app/x')
  for (const name of cookieNames())
    for (const path of ['/', '/app', '/app/', '/app/x'])
      for (const domain of ['', '; domain=example.test', '; domain=app.example.test'])
        rawWrite(`${name}=; path=${path}${domain}; expires=Thu, 01 Jan 1970 00:00:00 GMT; secure`)
  goTo('/')
}
