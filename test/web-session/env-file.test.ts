import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { onToken, writeEnv } from '../../src/web-session/index.ts'
import { newFolder } from '../node/folder.ts'
import { createStage } from './stage.ts'

let path: string
beforeEach(() => {
  path = join(newFolder(), '.env')
})
const text = () => readFileSync(path, 'utf8')

describe('an .env file', () => {
  it('keeps order, comments and all else, and is of mode 0600', () => {
    writeFileSync(path, '# the desks\nA=1\nexport TOKEN="old" # stale\n\nTOKENS=2\nB=3', { mode: 0o644 })
    writeEnv(path, { TOKEN: 'ey.new_1-2', C: 'two words' })
    expect(text()).toBe("# the desks\nA=1\nexport TOKEN=ey.new_1-2\n\nTOKENS=2\nB=3\nC='two words'\n")
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
  it('is made where there is none', () => {
    writeEnv(path, { TOKEN: 'x' })
    expect(text()).toBe('TOKEN=x\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
  it('changes every line of the name, keeps the kind of line ends, and writes through a link', () => {
    writeFileSync(path, 'T=1\r\nT=2\r\n')
    const link = `${path}-link`
    symlinkSync(path, link)
    writeEnv(link, { T: 'z' })
    expect(text()).toBe('T=z\r\nT=z\r\n')
    expect(readFileSync(link, 'utf8')).toBe(text())
  })
  it('refuses what cannot stand in it, and says which', () => {
    expect(() => writeEnv(path, { 'A B': '1' })).toThrow(/'A B' is no name/)
    expect(() => writeEnv(path, { A: 'x\ny' })).toThrow(/A must be a text of one line/)
    expect(() => writeEnv(path, { A: `'"` })).toThrow(/both kinds of quotes/)
  })
  it('gets each new token', async () => {
    const stage = createStage()
    const session = stage.open()
    await stage.capture(session)
    const leave = onToken(session.auth, (token) => writeEnv(path, { TOKEN: token }))
    await stage.clock.flush()
    const first = text()
    expect(first).toBe(`TOKEN=${await session.auth.getAccessToken()}\n`)
    await stage.during(session.auth.refresh())
    expect(text()).toBe(`TOKEN=${await session.auth.getAccessToken()}\n`)
    expect(text()).not.toBe(first)
    leave()
    const last = text()
    await stage.during(session.auth.refresh())
    expect(text()).toBe(last)
  })
})
