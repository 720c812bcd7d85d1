import { type IncomingRequest, isRecord } from '../core/http.ts'

/** Members of `TokenMembers` and the user, by the names that `fields` of `restBackend` has. */
export interface MockAnswer {
  readonly accessToken: string
  /** Absent where the server does not rotate. */
  readonly refreshToken?: string
  /** Life in seconds from now. */
  readonly expiresIn?: number
  /** Seconds since 1970. */
  readonly expiresAt?: number
  readonly user: unknown
}

/**
 * How the app's own auth server speaks: `paths`, `fields` and `bodies` as `restBackend` has them, so that both can be given
 * the same object. Of what `restBackend` allows, a path or field that is a function cannot be read backwards: give
 * `answer` for those fields, and texts for the paths.
 */
export interface MockDialect {
  readonly paths?: {
    readonly [Call in MockRestCall]?: string | null | ((...tokens: never[]) => string)
  }
  readonly fields?: {
    readonly [Field in keyof MockAnswer]?: string | ((answer: never) => unknown)
  }
  readonly bodies?: {
    readonly signIn?: (credentials: never) => unknown
    readonly refresh?: (refreshToken: string, tokens: never) => unknown
    readonly signOut?: (refreshToken: string | null, scope: never, tokens: never) => unknown
  }
  /** Shows a user as this server does. Default: `{ id, email, user_metadata }`. */
  readonly user?: (user: MockRestUser) => unknown
  /** Makes the body of an answer to a sign-in or refresh. Default: puts each thing where `fields` says. */
  readonly answer?: (answer: MockAnswer) => unknown
}

export interface MockRestUser {
  readonly id: string
  readonly email: string
  /** What `users` of the options, or a later change, says of the person. */
  readonly data: Readonly<Record<string, unknown>>
}

export type MockRestCall = 'signIn' | 'refresh' | 'signOut' | 'user'

const PATHS: Readonly<Record<MockRestCall, string>> = {
  signIn: 'POST /auth/login',
  refresh: 'POST /auth/refresh-token',
  signOut: 'POST /auth/logout',
  user: 'GET /auth/me',
}

const FIELDS: Readonly<Record<keyof MockAnswer, string>> = {
  accessToken: 'access_token',
  refreshToken: 'refresh_token',
  expiresIn: 'expires_in',
  expiresAt: 'expires_at',
  user: 'user',
}

/** Where in a body something is: the names that lead there. */
type Place = readonly string[]

export interface ReadDialect {
  /** The call that a request is, by its method and its path below the base. */
  readonly callOf: (method: string, path: string) => MockRestCall | null
  readonly email: (body: unknown) => unknown
  readonly password: (body: unknown) => unknown
  readonly refreshToken: (body: unknown) => unknown
  /** The refresh token in the body of a sign-out, which may have none. */
  readonly signOutToken: (body: unknown) => unknown
  readonly user: (user: MockRestUser) => unknown
  readonly answer: (answer: MockAnswer) => unknown
  /** The usual contract, whose answers have a little more in them. */
  readonly plain: boolean
}

/** Reads a dialect backwards: where the backend puts what it sends, and looks for what it gets. */
export function readDialect({ paths = {}, fields = {}, bodies = {}, user, answer }: MockDialect): ReadDialect {
  const calls = new Map<string, MockRestCall>()
  for (const call of Object.keys(PATHS) as MockRestCall[]) {
    const usual = PATHS[call]
    const path = paths[call] === undefined ? usual : paths[call]
    if (path === null) continue
    if (typeof path !== 'string')
      throw new TypeError(`createMockAuth: rest.paths.${call} must be a text; a function cannot be read backwards.`)
    calls.set(path.includes(' ') ? path : `${usual.split(' ')[0]} ${path}`, call)
  }
  const email = placeIn(bodies.signIn?.({ email: EMAIL, password: PASSWORD } as never), EMAIL, ['email'])
  const password = placeIn(bodies.signIn?.({ email: EMAIL, password: PASSWORD } as never), PASSWORD, ['password'])
  const tokens = { accessToken: 'access', refreshToken: TOKEN } as never
  const refreshToken = placeIn(bodies.refresh?.(TOKEN, tokens), TOKEN, ['refresh_token'])
  const ended = bodies.signOut?.(TOKEN, 'local' as never, tokens)
  const signOutToken = JSON.stringify(ended)?.includes(TOKEN) ? placeIn(ended, TOKEN, []) : refreshToken
  return {
    callOf: (method, path) => calls.get(`${method} ${path}`) ?? null,
    email: (body) => at(body, email),
    password: (body) => at(body, password),
    refreshToken: (body) => at(body, refreshToken),
    signOutToken: (body) => at(body, signOutToken),
    user: user ?? (({ id, email, data }) => ({ id, email, user_metadata: data })),
    answer: answer ?? ((told) => place(told, fields)),
    plain: !answer && Object.keys(fields).length === 0,
  }
}

const EMAIL = 'probe@keyturn.test'
const PASSWORD = 'the password of the probe'
const TOKEN = 'the token of the probe'

/** Where a backend has put a probe. */
function placeIn(body: unknown, probe: string, usual: Place): Place {
  if (body === undefined) return usual
  const look = (value: unknown, path: Place): Place | null => {
    if (value === probe) return path
    const inside = value instanceof URLSearchParams ? Object.fromEntries(value) : value
    if (!isRecord(inside)) return null
    for (const name of Object.keys(inside)) {
      const found = look(inside[name], [...path, name])
      if (found) return found
    }
    return null
  }
  const found = look(body, [])
  if (!found)
    throw new TypeError('createMockAuth: a body of rest.bodies does not hold what it was given, as it stands.')
  return found
}

const at = (body: unknown, path: Place): unknown =>
  path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), body)

/** Puts each thing where its field says: `data.token` into `{ data: { token } }`. */
function place(told: MockAnswer, fields: NonNullable<MockDialect['fields']>): unknown {
  const body: Record<string, unknown> = {}
  for (const name of Object.keys(FIELDS) as (keyof MockAnswer)[]) {
    const field = fields[name] ?? FIELDS[name]
    if (told[name] === undefined) continue
    if (typeof field !== 'string')
      throw new TypeError(
        `createMockAuth: rest.fields.${name} is a function, which cannot be read backwards. Give rest.answer.`,
      )
    const path = field.split('.')
    const last = path.pop() ?? field
    let holder = body
    for (const step of path) {
      holder[step] ??= {}
      holder = holder[step] as Record<string, unknown>
    }
    holder[last] = told[name]
  }
  return body
}

/** A body as JSON or as a form. What cannot be read is empty. */
export async function readAny(request: IncomingRequest): Promise<unknown> {
  const text = await request.text()
  if (request.headers.get('Content-Type')?.includes('form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text))
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
