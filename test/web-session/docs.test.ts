import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('docs/web-session.md holds each program as it stands in ./code', () => {
  const page = readFileSync(new URL('../../docs/web-session.md', import.meta.url), 'utf8')
  const folder = new URL('./code/', import.meta.url)
  const programs = readdirSync(folder)
  expect(programs.length).toBeGreaterThan(2)
  const missing = programs.filter((name) => !page.includes(readFileSync(new URL(name, folder), 'utf8').trim()))
  expect(missing).toEqual([])
})
