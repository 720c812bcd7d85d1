import { readdirSync, readFileSync } from 'node:fs'
import { createFakeClock, createMockAuth } from 'keyturn/testing'
import { expect, test, vi } from 'vitest'
import { createApi } from '../../demo/server/api.ts'

const root = new URL('../../', import.meta.url)
const sources = (folder: string): [name: string, text: string][] =>
  readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => [`${entry.parentPath}/${entry.name}`, readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8')])

test('the API refreshes only when it is asked to: no second refresher beside the kit', async () => {
  const clock = createFakeClock({ now: Date.now() })
  const mock = createMockAuth({ clock, tokenLifetime: 10, restBase: '/rest' })
  const timers = vi.spyOn(globalThis, 'setInterval')
  const api = createApi({ supabaseUrl: mock.origin, anonKey: 'anon', fetch: mock.fetch })
  const body = JSON.stringify({ email: 'ada@example.test', password: 'correct-horse' })
  const login = new Request('http://app.test/api/auth/login', { method: 'POST', body })
  expect((await api.fetch(login)).status).toBe(200)
  clock.jump(60_000)
  await clock.flush()
  expect(timers).not.toHaveBeenCalled()
  expect(mock.count('refresh')).toBe(0)
  timers.mockRestore()
})

test('nothing that runs in the browser names process.env', () => {
  const process = /\/src\/(node|cli|session-service|steam|web-session)\//
  const files = [...sources('src'), ...sources('demo/app/src')].filter(([name]) => !process.test(name))
  expect(files.length).toBeGreaterThan(40)
  for (const [name, text] of files) expect(text, name).not.toMatch(/\bprocess\.env\b/)
})

test('the README says which reading of the contradictions it implements', () => {
  const readme = readFileSync(new URL('README.md', root), 'utf8')
  // Lifetimes, reuse of refresh tokens, and what happens at the end of a session.
  for (const topic of [/lifetime/i, /reuse|spent|used once/i, /redirect/i]) expect(readme).toMatch(topic)
})
