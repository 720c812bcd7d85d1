import { misuse } from './errors.ts'
import { BOTH_VISIBLE, isAskable } from './session.ts'
import type { AuthOptions } from './types.ts'

const KNOWN = ['backend', 'storage', 'refreshMargin', 'timeout', 'backendName', 'restore', 'formerly', 'renewWhile']
const LONGEST_TIMEOUT = 60_000

/** Throws `misconfigured` for what cannot work. */
export function checkOptions<User, Credentials>(options: AuthOptions<User, Credentials>): void {
  const { backend, storage, refreshMargin = 0, timeout = 1, backendName = 'x', restore, formerly = [] } = options
  const { renewWhile = () => true } = options
  if (!backend?.signIn || !backend.refresh || !backend.signOut)
    misuse("createAuth: no backend. Pass one, for instance restBackend({ baseUrl: '/api' }).")
  if (!storage?.read || !storage.write) misuse('createAuth: no storage. Pass one, for instance cookieStorage().')
  const check = (possible: boolean, what: string) => possible || misuse(`createAuth: ${what}.`)
  for (const name of Object.keys(options)) check(KNOWN.includes(name), `there is no option '${name}'`)
  const number = (value: unknown): boolean => typeof value === 'number'
  check(number(refreshMargin) && refreshMargin >= 0, `refreshMargin must be 0 ms or more, not ${refreshMargin}`)
  check(
    number(timeout) && timeout > 0 && timeout <= LONGEST_TIMEOUT,
    `timeout must be more than 0 and at most 60,000 ms, not ${timeout}`,
  )
  check(!!backendName && typeof backendName === 'string', `backendName must be a text, not '${backendName}'`)
  check(
    restore === undefined || ['hint', 'always'].includes(restore),
    `restore must be 'hint' or 'always', not '${restore}'`,
  )
  check(
    restore !== 'always' || isAskable(backend.kind ?? BOTH_VISIBLE),
    "restore: 'always' needs a kind of session that scripts do not see (backend.kind)",
  )
  check(typeof renewWhile === 'function', 'renewWhile must be a function')
  check(
    Array.isArray(formerly) && formerly.every((name) => typeof name === 'string'),
    'formerly must be a list of names',
  )
}
