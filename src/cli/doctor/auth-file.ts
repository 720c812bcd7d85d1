import type { Findings } from './findings.ts'
import type { Endpoint, Settings } from './settings.ts'

const text = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`

type Members = Readonly<Record<string, string | null | undefined>>

/** `a: 'x'` for each member that is there. */
const membersOf = (members: Members): readonly string[] =>
  Object.entries(members)
    .filter(([, code]) => code !== null && code !== undefined)
    .map(([name, code]) => (name === code ? name : `${name}: ${code}`))

/** An object of what is there; null for nothing. */
function object(members: Members): string | null {
  const there = membersOf(members)
  return there.length ? `{ ${there.join(', ')} }` : null
}

/** A path as an option; null where it is the kit's own. */
function path(endpoint: Endpoint | null, method: string, usual: string): string | null {
  if (!endpoint) return 'null'
  const said = endpoint.method === method ? endpoint.path : `${endpoint.method} ${endpoint.path}`
  return said === usual ? null : text(said)
}

/** A template as the code of a body. `names`: what stands for its placeholders. */
function bodyCode(template: string, names: Readonly<Record<string, string>>): string {
  const put = (value: string) => {
    const alone = /^\{(\w+)\}$/.exec(value)?.[1]
    if (alone) return names[alone] ?? text(value)
    if (!/\{\w+\}/.test(value)) return text(value)
    return `\`${value.replace(/\{(\w+)\}/g, (whole, name: string) => (names[name] ? `\${${names[name]}}` : whole))}\``
  }
  if (!/^\s*\{\s*["}]/.test(template)) {
    const pairs = Object.fromEntries([...new URLSearchParams(template)].map(([name, value]) => [name, put(value)]))
    return `new URLSearchParams(${object(pairs)})`
  }
  const write = (value: unknown): string => {
    if (typeof value === 'string') return put(value)
    if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`
    if (!(value instanceof Object)) return JSON.stringify(value)
    return object(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, write(inner)]))) ?? '{}'
  }
  return `(${write(JSON.parse(template))})`
}

function bodies({ bodies: given }: Settings, { kind, refreshAt, redirected }: Partial<Findings>): string | null {
  const name = refreshAt?.split('.').at(-1) ?? 'refresh_token'
  const usual = kind?.refresh === 'token' && name !== 'refresh_token' ? `{"${name}":"{refresh}"}` : null
  const renew = given.refresh ?? usual
  const end = given.signOut ?? usual
  const tokens = (template: string, more: string) => {
    const access = template.includes('{access}') ? `${more}{ accessToken }` : ''
    return access || template.includes('{refresh}') ? `(refreshToken${access})` : '()'
  }
  const names = { refresh: 'refreshToken', access: 'accessToken' }
  // A form holds texts only.
  const texts = { refresh: 'String(refreshToken)', access: 'String(accessToken)' }
  const fun = (template: string, parameters: string) =>
    `${parameters} => ${bodyCode(template, /^\s*\{\s*["}]/.test(template) ? names : texts)}`
  const who = { email: 'email', password: 'password' }
  return object({
    signIn: given.signIn && !redirected ? `({ email, password }) => ${bodyCode(given.signIn, who)}` : null,
    refresh: renew && fun(renew, tokens(renew, ', ')),
    signOut: end && fun(end, tokens(end, ', _scope, ')),
  })
}

function fields(
  { user, refresh: renewal }: Settings,
  { kind, accessAt, accessAtRefresh, refreshAt, life }: Partial<Findings>,
): { readonly code: string | null; readonly helper: string | null } {
  const at = (found: string | null | undefined, usual: string) => (found && found !== usual ? text(found) : null)
  let access = at(accessAt ?? accessAtRefresh, 'access_token')
  if (accessAt && accessAtRefresh && accessAt !== accessAtRefresh) {
    const read = (where: string) => {
      const [first, ...rest] = where.split('.')
      return rest.reduce((code, name) => `Object(${code}).${name}`, `json.${first}`)
    }
    access = `({ json }) => ${read(accessAtRefresh)} ?? ${read(accessAt)}`
  }
  let helper: string | null = null
  let value: string | null = null
  const name = life?.point ? 'expiresAt' : 'expiresIn'
  if (life?.told) {
    helper = life.unit === 's' ? null : life.unit
    value = helper ? `${helper}(${text(life.at)})` : at(life.at, life.point ? 'expires_at' : 'expires_in')
  }
  const refresh = kind?.refresh === 'token' ? at(refreshAt, 'refresh_token') : null
  const accessToken = kind?.access === 'token' ? access : null
  // The refresh asks who it is.
  const same = user && renewal && user.path === renewal.path && user.method === renewal.method
  const whole = same ? '({ body }) => body' : null
  return { code: object({ accessToken, refreshToken: refresh, [name]: value, user: whole }), helper }
}

/** The `auth.ts` that fits what was found. */
export function authFile(settings: Settings, found: Partial<Findings>): readonly string[] {
  const { base, signIn, refresh, signOut, user, scheme, csrf } = settings
  const { kind = { access: 'token', refresh: 'token' }, api, expired, redirected } = found
  const { code: fieldsCode, helper } = fields(settings, found)
  const copies = csrf && object({ cookie: text(csrf.cookie), header: text(csrf.header) })
  const empty = [found.refresh?.malformed, found.refresh?.missing].includes('200 null')
  const plain = kind.access === 'token' && kind.refresh === 'token'
  const options = membersOf({
    baseUrl: text(base),
    kind: plain ? null : object({ access: text(kind.access), refresh: text(kind.refresh) }),
    paths: object({
      signIn: redirected ? 'null' : path(signIn, 'POST', '/auth/login'),
      refresh: path(refresh, 'POST', '/auth/refresh-token'),
      signOut: path(signOut, 'POST', '/auth/logout'),
      user: path(user, 'GET', '/auth/me'),
    }),
    fields: fieldsCode,
    bodies: bodies(settings, found),
    scheme: scheme === 'Bearer' ? null : text(scheme),
    csrf: copies,
    refused: empty ? '({ body }) => body === null || undefined' : null,
  })
  const refusals = [api?.malformed, expired?.api]
    .filter((said) => said !== undefined)
    .map((said) => Number(said.slice(0, 3)))
  const statuses = [...new Set([401, ...refusals.filter((status) => status > 401 && status < 500)])]
  const attached = object({
    scheme: scheme === 'Bearer' ? null : text(scheme),
    statuses: statuses.length > 1 ? `[${statuses.join(', ')}]` : null,
    csrf: copies,
  })
  return [
    "import axios from 'axios'",
    "import { cookieStorage, createAuth, restBackend } from 'keyturn'",
    "import { attachAuth } from 'keyturn/axios'",
    ...(helper ? [`import { ${helper} } from 'keyturn/backends'`] : []),
    '',
    'const backend = restBackend({',
    ...options.map((option) => `  ${option},`),
    '})',
    `export const auth = createAuth({ backend, storage: cookieStorage()${redirected && kind.access === 'cookie' ? ", restore: 'always'" : ''} })`,
    `export const api = axios.create({ baseURL: ${text(base)} })`,
    `attachAuth(api, auth${attached ? `, ${attached}` : ''})`,
  ]
}
