/** The README's auth.ts in an edge runtime, Cloudflare's workerd: made while the module is loaded, as in any app. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Miniflare } from 'miniflare'
import { build } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Consumer, installPackage, root } from './consumer.ts'
import { codeBlocks } from './readme.ts'

let consumer: Consumer
beforeAll(() => {
  consumer = installPackage()
})
afterAll(() => consumer?.remove())

/** Bundles a worker beside the installed package, starts it, and gives its answer. */
async function answerOf(files: Readonly<Record<string, string>>, entry: string) {
  const folder = dirname(dirname(consumer.installed))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const built = await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: join(folder, entry), formats: ['es'], fileName: 'worker' } },
  })
  const [{ output }] = built as unknown as [{ output: { code: string }[] }]
  const worker = new Miniflare({
    // Else it fetches a file at start.
    cf: false,
    modules: true,
    compatibilityDate: '2026-04-01',
    script: output[0]?.code ?? '',
  })
  onTestFinished(() => worker.dispose())
  return await (await worker.dispatchFetch('http://worker.test/')).json()
}

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const auth = codeBlocks(readme).find(({ file }) => file === 'auth.ts')?.text ?? ''

test("the README's auth.ts starts in workerd, and a request reads its state and signs nobody in", async () => {
  expect(auth).toContain('attachAuth(api, auth)')
  const worker = `
    import { auth, api } from './auth.js'
    const first = auth.getState()
    export default {
      async fetch() {
        const { status, reason } = await auth.ready
        const token = await auth.getAccessToken()
        const failure = await api.get('/x').then(() => null, (error) => error.code ?? error.name)
        auth.dispose()
        return Response.json({ first: first.status, status, reason, token, failure: typeof failure })
      },
    }`
  expect(await answerOf({ 'auth.ts': auth, 'worker.js': worker }, 'worker.js')).toEqual({
    first: 'unauthenticated',
    status: 'unauthenticated',
    reason: 'none',
    token: null,
    failure: 'string',
  })
})

test('a session is made, used and ended within one request', async () => {
  const worker = `
    import { createAuth, memoryStorage, restBackend } from 'keyturn'
    import { createAuthFetch } from 'keyturn/fetch'
    const seen = []
    const fetch = async (input, init) => {
      const request = new Request(input, init)
      seen.push(new URL(request.url).pathname + ' ' + (request.headers.get('Authorization') ?? '-'))
      return Response.json({ access_token: 'access', refresh_token: 'refresh', expires_in: 600, user: { id: 1 } })
    }
    const backend = restBackend({ baseUrl: 'https://api.test' })
    const auth = createAuth({ backend, storage: memoryStorage(), ports: { fetch } })
    const authFetch = createAuthFetch(auth, { origins: ['https://api.test'] })
    export default {
      async fetch() {
        await auth.signIn({ email: 'a', password: 'b' })
        await authFetch('https://api.test/items')
        await auth.signOut()
        return Response.json({ seen, status: auth.getState().status })
      },
    }`
  const { seen, status } = (await answerOf({ 'session.js': worker }, 'session.js')) as {
    seen: string[]
    status: string
  }
  expect(status).toBe('unauthenticated')
  expect(seen.slice(0, 2)).toEqual([expect.stringMatching(/ -$/), '/items Bearer access'])
})
