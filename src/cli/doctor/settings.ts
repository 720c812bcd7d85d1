import { parseArgs } from 'node:util'
import { misuse } from '../../core/errors.ts'

export interface Endpoint {
  readonly method: string
  /** Below the base. */
  readonly path: string
}

/** What the doctor is told. */
export interface Settings {
  readonly base: string
  readonly signIn: Endpoint
  /** A module of the person's own that signs in. */
  readonly signInModule: string | null
  /** null: there is none. */
  readonly refresh: Endpoint | null
  readonly signOut: Endpoint | null
  readonly user: Endpoint | null
  readonly api: Endpoint
  /** Templates; null: the default. */
  readonly bodies: { readonly signIn: string | null; readonly refresh: string | null; readonly signOut: string | null }
  /** Paths in an answer; null: looked for. `none`: scripts see none. */
  readonly fields: { readonly access: string | null; readonly refresh: string | null; readonly expires: string | null }
  readonly scheme: string
  readonly csrf: { readonly cookie: string; readonly header: string } | null
  /** Of the page. */
  readonly origin: string
  /** The most seconds to wait for a token's end. */
  readonly wait: number
}

export const HELP = `keyturn doctor <base url>: asks a back end what it does with sessions.

It signs in a few times as a test account, and says before each step what that costs. The account is told by KEYTURN_EMAIL
and KEYTURN_PASSWORD in the environment, or is asked for; never by an argument.

Where things are, below the base url ('[METHOD] /path', or none):
  --sign-in      POST /auth/login; or a module of yours that signs in: ./sign-in.mjs
  --refresh      POST /auth/refresh-token
  --sign-out     POST /auth/logout
  --user         GET /auth/me: who is signed in
  --api          any GET that only people who are signed in may ask for; as --user

How the server is spoken to, where it is not as usual:
  --sign-in-body --refresh-body --sign-out-body
                 JSON, or a form (a=1&b=2), with {email}, {password}, {refresh}, {access}
                 '{"identifier":"{email}","password":"{password}"}'
  --access-token --refresh-token --expires
                 where these are in an answer (data.access_token), if they are not found; none: scripts see none
  --scheme       the word before the access token: Bearer
  --csrf         COOKIE=HEADER: the cookie that a header repeats
  --origin       where the page is, if not on the server's own origin: http://localhost:5173

  --wait         wait at the most so many seconds until an access token has run out: 60
  --yes          the server is not on this machine, and I may test it`

const OPTIONS = [
  'sign-in',
  'refresh',
  'sign-out',
  'user',
  'api',
  'sign-in-body',
  'refresh-body',
  'sign-out-body',
  'access-token',
  'refresh-token',
  'expires',
  'scheme',
  'csrf',
  'origin',
  'wait',
] as const

/** Only these are certainly this machine. */
const HERE = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/
const SECRET = /pass|secret|token|credential/i

function endpoint(option: string, text: string, usual: string): Endpoint {
  const [, method = usual, path] =
    /^(?:([A-Za-z]+) )?(\/\S*)$/.exec(text) ?? misuse(`--${option} '${text}': '[METHOD] /path', please.`)
  return { method: method.toUpperCase(), path: path as string }
}

/** Secrets do not belong into a command: every process of this machine can read it, and the shell remembers it. */
function template(option: string, text: string | undefined): string | null {
  if (text === undefined) return null
  const pairs: [string, unknown][] = []
  try {
    const note = (name: string, value: unknown) => {
      pairs.push([name, value])
      return value
    }
    if (/^\s*\{\s*["}]/.test(text)) JSON.parse(text, note)
    else pairs.push(...new URLSearchParams(text))
  } catch {
    misuse(`--${option} is neither JSON nor a form.`)
  }
  for (const [name, value] of pairs)
    if (SECRET.test(name) && typeof value === 'string' && !/\{\w+\}/.test(value))
      misuse(
        `--${option}: '${name}' is written out. Give {password} or another placeholder: credentials are no arguments.`,
      )
  return text
}

function readBase(text: string, yes: boolean): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    misuse(`The base url '${text}' needs http:// or https:// before it.`)
  const url = new URL(text)
  if (url.username || url.password) misuse('The base url holds a password: credentials are no arguments.')
  if (!HERE.test(url.hostname) && !yes)
    misuse(
      `${url.host} is not this machine. The doctor signs in, spends tokens and ends sessions there: say --yes if you may.`,
    )
  return (url.origin + url.pathname).replace(/\/+$/, '')
}

/** @throws AuthError `misconfigured` for what it does not understand, and for a host that needs `--yes`. */
export function readSettings(args: readonly string[]): Settings {
  const options = {
    ...Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' as const }])),
    yes: { type: 'boolean' as const, default: false },
  }
  const named = args.find((arg) => /^--(e?-?mail|user-?name|pass|pwd|secret|credential)/i.test(arg))
  if (named)
    misuse(
      `${named.split('=')[0]}: credentials are no arguments. Set KEYTURN_EMAIL and KEYTURN_PASSWORD, or let the doctor ask.`,
    )
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    return misuse(`${(error as Error).message.split('. ')[0]}. See keyturn doctor --help.`)
  }
  const { values, positionals } = parsed
  const given = values as Partial<Record<(typeof OPTIONS)[number], string>>
  if (positionals.length !== 1) misuse('One base url, please: keyturn doctor http://localhost:3000')
  const base = readBase(positionals[0] ?? '', values.yes === true)
  const maybe = (option: (typeof OPTIONS)[number], usual: string, fallback: string) => {
    const text = given[option] ?? fallback
    return text === 'none' ? null : endpoint(option, text, usual)
  }
  const wait = Number(given.wait ?? 60)
  if (!(wait >= 0 && wait <= 86_400)) misuse(`--wait '${given.wait}': seconds, a day at the most.`)
  const [cookie, header, ...rest] = given.csrf?.split('=') ?? []
  if (given.csrf !== undefined && (!cookie || !header || rest.length))
    misuse(`--csrf '${given.csrf}': COOKIE=HEADER, please.`)
  const origin = given.origin ?? new URL(base).origin
  if (!URL.canParse(origin) || new URL(origin).origin !== origin)
    misuse(`--origin '${origin}' is no origin: http://localhost:5173`)
  const module = /\.[cm]?[jt]s$/.test(given['sign-in'] ?? '') ? (given['sign-in'] as string) : null
  const user = maybe('user', 'GET', given.api ? 'none' : '/auth/me')
  return {
    base,
    signIn: endpoint('sign-in', (module ? undefined : given['sign-in']) ?? '/auth/login', 'POST'),
    signInModule: module,
    refresh: maybe('refresh', 'POST', '/auth/refresh-token'),
    signOut: maybe('sign-out', 'POST', '/auth/logout'),
    user,
    api:
      maybe('api', 'GET', '/auth/me') ??
      user ??
      misuse('--api none: the doctor needs something that only people who are signed in may ask for.'),
    bodies: {
      signIn: template('sign-in-body', given['sign-in-body']),
      refresh: template('refresh-body', given['refresh-body']),
      signOut: template('sign-out-body', given['sign-out-body']),
    },
    fields: {
      access: given['access-token'] ?? null,
      refresh: given['refresh-token'] ?? null,
      expires: given.expires ?? null,
    },
    scheme: given.scheme ?? 'Bearer',
    csrf: cookie && header ? { cookie, header } : null,
    origin,
    wait,
  }
}
