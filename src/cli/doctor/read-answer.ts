import type { HttpAnswer } from '../../backends/http.ts'
import { readToken } from '../../tokens/read-token.ts'
import type { Life } from './findings.ts'

/** In the order of likelihood. */
const ACCESS = [/^access_?token$/i, /^(token|jwt)$/i, /^(refreshed|new)_?token$/i, /^id_?token$/i]
const REFRESH = [/^(new_?)?refresh_?token$/i, /^refresh$/i]
const EXPIRES = [/^(access_?token_?)?expires_?in$/i, /^(access_?token_?)?expires(_?at)?$/i, /^exp$/i]
const USER = [/^user$/i]
/** s: longer than that no access token lives that anybody meant to. */
const MONTH = 31 * 86_400

/** All members of an answer with their paths, the outer ones first. */
function members(value: unknown, before = '', depth = 3): (readonly [path: string, name: string, value: unknown])[] {
  if (!(value instanceof Object) || depth === 0) return []
  const own = Object.entries(value).map(([name, inner]) => [before + name, name, inner] as const)
  return [...own, ...own.flatMap(([path, , inner]) => members(inner, `${path}.`, depth - 1))]
}

function look(body: unknown, names: readonly RegExp[], fits: (value: unknown) => boolean): string | null {
  const all = members(body).filter(([, , value]) => fits(value))
  for (const pattern of names) {
    const found = all.find(([, name]) => pattern.test(name))
    if (found) return found[0]
  }
  return null
}

const at = (body: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], body)

const isToken = (value: unknown): value is string => typeof value === 'string' && /^[!-~]{8,}$/.test(value)

/** A text of an answer, and where it stands. */
export interface Found {
  readonly at: string
  readonly value: string
}

function token(body: unknown, names: readonly RegExp[], given: string | null): Found | null {
  if (given === 'none') return null
  const path = given && isToken(at(body, given)) ? given : look(body, names, isToken)
  return path === null ? null : { at: path, value: String(at(body, path)) }
}

export interface Told {
  readonly access: Found | null
  readonly refresh: Found | null
  readonly userAt: string | null
  readonly life: Life | null
}

/** What an answer to a sign-in or a refresh holds. `fields`: paths that are known; null: to be looked for. */
export function readAnswer(
  { body, headers }: HttpAnswer,
  fields: { readonly access: string | null; readonly refresh: string | null; readonly expires: string | null },
): Told {
  const access = token(body, ACCESS, fields.access)
  return {
    access,
    refresh: token(body, REFRESH, fields.refresh),
    userAt: look(body, USER, (value) => value instanceof Object),
    life: readLife(body, fields.expires, access?.value ?? null, headers),
  }
}

const isTime = (value: unknown) =>
  typeof value === 'number' ? value > 0 : typeof value === 'string' && /^(\d+|\d{4}-\d\d-\d\dT.*)$/.test(value)

function readLife(body: unknown, given: string | null, access: string | null, headers: Headers): Life | null {
  const { expiresAt = null, issuedAt = null } = access ? readToken(access) : {}
  const inToken = expiresAt !== null && issuedAt !== null ? expiresAt - issuedAt : null
  const path = given && isTime(at(body, given)) ? given : look(body, EXPIRES, isTime)
  const value = path === null ? null : at(body, path)
  if (path === null || Number(value) === expiresAt)
    return inToken === null ? null : { at: 'exp', told: false, unit: 's', point: false, seconds: inToken }
  const now = (Date.parse(headers.get('Date') ?? '') || Date.now()) / 1000
  const life = { at: path, told: true }
  if (typeof value === 'string' && value.includes('T'))
    return { ...life, unit: 'date', point: true, seconds: Date.parse(value) / 1000 - now }
  const number = Number(value)
  if (number > 1e11) return { ...life, unit: 'ms', point: true, seconds: number / 1000 - now }
  if (number > 1e9) return { ...life, unit: 's', point: true, seconds: number - now }
  // What the token itself says decides, or its cookie; else what is too long for s must be ms.
  const known = inToken ?? cookieLife(headers, number)
  const far = known === null ? number > MONTH : Math.abs(Math.log10(number / known)) > 1.5
  return { ...life, unit: far ? 'ms' : 's', point: false, seconds: far ? number / 1000 : number }
}

/** The `Max-Age` of a cookie of this answer that is meant by `number`, in s or ms. */
function cookieLife(headers: Headers, number: number): number | null {
  const ages = headers.getSetCookie().map((line) => Number(/; *max-age=(\d+)/i.exec(line)?.[1]))
  return ages.find((age) => age === number || age * 1000 === number) ?? null
}
