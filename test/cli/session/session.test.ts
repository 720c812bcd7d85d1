import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Command } from '../../../src/cli/command.ts'
import * as commands from '../../../src/cli/session/commands.ts'
import { createSealKey } from '../../../src/node/index.ts'
import { newFolder } from '../../node/folder.ts'

/** A site whose browser is `fetch`: what the commands do needs no more. */
let site: { seen: 'signed_in' | 'signed_out' | 'challenge' | 'unknown'; visits: number }
let folder: string
let config: string
let url: string
let out: string[]
let err: string[]

beforeEach(async () => {
  site = { seen: 'signed_in', visits: 0 }
  folder = newFolder()
  config = join(folder, 'keyturn.config.mjs')
  out = []
  err = []
  const server: Server = createServer((_, response) => {
    site.visits++
    response.end(site.seen)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  configure()
})

const key = createSealKey()
const configure = (keys = `a:${key}`, more = ''): void =>
  writeFileSync(
    config,
    `import { createWebSession } from ${JSON.stringify(new URL('../../../src/web-session/index.ts', import.meta.url).pathname)}
    let text = ''
    const page = {
      goto: async (address) => { text = await (await fetch(address)).text(); return { status: () => 200 } },
      url: () => ${JSON.stringify(url)},
      evaluate: async () => [['tab', 'tab-secret']],
    }
    const cookie = { name: 'sid', value: 'cookie-secret', domain: 'desks.example', path: '/', expires: Date.now() / 1000 + 86_400 * 3 }
    const context = {
      newPage: async () => page, pages: () => [page], addInitScript: async () => {},
      storageState: async () => ({ cookies: [cookie], origins: [] }),
    }
    let count = 0
    export default ({ profile, create }) => createWebSession({
      path: ${JSON.stringify(join(folder, 'state'))} + '/' + profile, keys: ${JSON.stringify(keys)}, profile, create, url: ${JSON.stringify(url)},
      launch: () => ({ newContext: async () => context, close: async () => {} }),
      look: () => text, read: () => ({ accessToken: 'token-secret-' + ++count, expiresIn: 900 }), ${more}
    })`,
  )
const run = (command: Command, ...args: string[]): Promise<number> => {
  out = []
  err = []
  const terminal = {
    env: {},
    ask: async () => null,
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    onEnd() {},
  }
  // Each time anew, as another process would read it.
  const copy = join(folder, `config-${Math.random()}.mjs`)
  if (!args.includes('--config')) writeFileSync(copy, readFileSync(config))
  return command(args.includes('--config') ? args : [...args, '--config', copy], terminal)
}
const { captureCommand: capture, renewCommand: renew, statusCommand: status, inspectCommand: inspect } = commands
const { rotateKeyCommand: rotateKey, forgetCommand: forget } = commands
const said = () => [...out, ...err].join('\n')

describe('the commands', () => {
  it('take a session from nothing to a renewal, and print no value of it', async () => {
    expect(await run(capture)).toBe(0)
    let all = said()
    expect(all).toMatch(/^Signed in, and proven without the person\. The token ends in 1[45] minutes\.$/)
    for (const command of [renew, status, inspect]) {
      for (const more of [[], ['--json']]) {
        expect(await run(command, ...more)).toBe(0)
        all += said()
      }
    }
    expect(all).not.toMatch(/secret/)
    expect(all).toMatch(/desks\.example: 1 cookies, the first ends in 2 days/)
    expect(all).toMatch(/1 of sessionStorage/)
  })

  it('say by the exit code of renew --auto how it went: 0, 10 when a person is needed, 20 for passing trouble', async () => {
    await run(capture)
    expect(await run(renew, '--auto')).toBe(0)
    site.seen = 'unknown'
    expect(await run(renew, '--auto', '--json')).toBe(20)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ profile: 'default', error: 'unavailable', exit: 20 })
    site.seen = 'signed_out'
    expect(await run(renew, '--auto')).toBe(10)
    expect(said()).toMatch(/npx keyturn capture/)
    // No second look at what is over.
    const { visits } = site
    expect(await run(renew, '--auto', '--json')).toBe(10)
    expect(site.visits).toBe(visits)
    expect(await run(status)).toBe(10)
    site.seen = 'signed_in'
    expect(await run(capture)).toBe(0)
    expect(await run(renew, '--auto')).toBe(0)
  })

  it('tell how it stands without asking the site', async () => {
    await run(capture)
    const { visits } = site
    expect(await run(status, '--json')).toBe(0)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ status: 'authenticated', over: false, exit: 0 })
    expect(site.visits).toBe(visits)
  })

  it('name what is wrong with a file, and do not take it for a sign-out', async () => {
    expect(await run(renew, '--auto')).toBe(1)
    expect(said()).toMatch(/state\/default is missing/)
    await run(capture)
    const file = join(folder, 'state/default')
    const sealed = readFileSync(file)
    for (const [text, words] of [
      ['{"cookies":[]}', /is not sealed/],
      [sealed.toString().slice(0, 40), /is torn/],
      ['', /is empty/],
    ] as const) {
      for (const name of [file, `${file}.browser`]) {
        const before = readFileSync(name)
        writeFileSync(name, text)
        expect(await run(renew, '--auto')).toBe(1)
        expect(said()).toMatch(words)
        expect(said()).toContain(name)
        writeFileSync(name, before)
      }
    }
    chmodSync(file, 0o644)
    expect(await run(renew, '--auto')).toBe(1)
    expect(said()).toMatch(/open to others than its owner \(mode 0644\)/)
    chmodSync(file, 0o600)
    configure(`a:${createSealKey()}`)
    expect(await run(status)).toBe(1)
    expect(said()).toMatch(/does not open/)
    configure(`other:${key}`)
    expect(await run(status)).toBe(1)
    expect(said()).toMatch(/sealed with key 'a'. The keys given are: other/)
    configure()
    expect(await run(renew, '--auto')).toBe(0)
    expect(await run(status, '--profile', 'grace')).toBe(1)
  })

  it('change the key', async () => {
    await run(capture)
    const next = createSealKey()
    configure(`b:${next},a:${key}`)
    expect(await run(rotateKey)).toBe(0)
    expect(said()).toMatch(/Sealed with the newest key/)
    expect(await run(rotateKey, '--json')).toBe(0)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ outcome: 'unchanged' })
    configure(`b:${next}`)
    expect(await run(renew, '--auto')).toBe(0)
    expect(await run(inspect)).toBe(0)
    expect(said()).toMatch(/sealed with key b/)
  })

  it('forget a session: what is left holds nothing, and says whether the server was told', async () => {
    await run(capture)
    expect(await run(forget)).toBe(0)
    expect(said()).toMatch(/The server was not told/)
    expect(await run(inspect, '--json')).toBe(0)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ status: 'unauthenticated', cookies: 0 })
    expect(await run(renew, '--auto')).toBe(10)
    expect(site.visits).toBe(2)
    configure(undefined, 'signOut: async () => {},')
    await run(capture)
    expect(await run(forget)).toBe(0)
    expect(said()).toMatch(/Signed out on the server/)
  })

  it('help, and say what is wrong with their arguments and with the configuration', async () => {
    expect(await run(renew, '--help')).toBe(0)
    expect(said()).toMatch(/--auto[\s\S]*10 a person is needed/)
    expect(await run(renew, '--atuo')).toBe(2)
    expect(said()).toMatch(/--atuo[\s\S]*Exit codes/)
    expect(await run(status, '--config', join(folder, 'none.mjs'))).toBe(1)
    expect(said()).toMatch(/There is no file .*none\.mjs/)
    for (const [text, words] of [
      ['export default 7', /must export a function/],
      ['export default () => ({})', /must return a session/],
    ] as const) {
      writeFileSync(config, text)
      expect(await run(status)).toBe(1)
      expect(said()).toMatch(words)
    }
    rmSync(config)
  })
})
