import { expect, test } from 'vitest'
import { authFile } from '../../../src/cli/doctor/auth-file.ts'
import type { Findings } from '../../../src/cli/doctor/findings.ts'
import { readSettings } from '../../../src/cli/doctor/settings.ts'

const both: Partial<Findings> = {
  kind: { access: 'token', refresh: 'token' },
  accessAt: 'access_token',
  refreshAt: 'refresh_token',
}
const options = (args: readonly string[], found: Partial<Findings>) => {
  const lines = authFile(readSettings(['http://localhost:3000', ...args]), found)
  return lines.slice(lines.indexOf('const backend = restBackend({') + 1, lines.indexOf('})')).map((line) => line.trim())
}

test('what is as the kit expects it is not said', () => {
  expect(options([], both)).toEqual(["baseUrl: 'http://localhost:3000',"])
})

test('forms, other names at a refresh, the access token in a body', () => {
  const form = [
    '--sign-out-body',
    'client_id=app&token={refresh}',
    '--refresh-body',
    '{"old":"{access}","t":"{refresh}"}',
  ]
  expect(options(form, { ...both, accessAt: 'token', accessAtRefresh: 'session.token' })).toEqual([
    "baseUrl: 'http://localhost:3000',",
    'fields: { accessToken: ({ json }) => Object(json.session).token ?? json.token },',
    "bodies: { refresh: (refreshToken, { accessToken }) => ({ old: accessToken, t: refreshToken }), signOut: (refreshToken) => new URLSearchParams({ client_id: 'app', token: String(refreshToken) }) },",
  ])
})

test('lives in ms or as dates, a scheme, answers that are null', () => {
  const life = { at: 'session.expiresAt', told: true, unit: 'date', point: true, seconds: 9 } as const
  const refresh = { malformed: '200 null' } as Findings['refresh']
  const args = ['--scheme', 'JWT', '--sign-out', 'none', '--refresh', 'GET /session']
  expect(options(args, { ...both, life, refresh })).toEqual([
    "baseUrl: 'http://localhost:3000',",
    "paths: { refresh: 'GET /session', signOut: null },",
    "fields: { expiresAt: date('session.expiresAt') },",
    "scheme: 'JWT',",
    'refused: ({ body }) => body === null || undefined,',
  ])
  const file = authFile(readSettings(['http://localhost:3000', ...args]), { ...both, life })
  expect(file).toContain("import { date } from 'keyturn/backends'")
  expect(file.at(-1)).toBe("attachAuth(api, auth, { scheme: 'JWT' })")
})
