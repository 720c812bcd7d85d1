import type { Auth, Backend, Sending } from 'keyturn'
import { expect, test } from 'vitest'
import { createWorld, outcome } from '../world.ts'

/** An HttpOnly refresh cookie that all tabs share, and access tokens that tell nothing of whose they are. */
function createServer() {
  const owners = new Map<string, string>()
  let cookie: string | null = null
  let hold: Promise<void> | null = null
  const give = (who: string) => {
    const accessToken = `opaque-${owners.size + 1}`
    owners.set(accessToken, who)
    return { accessToken, expiresIn: 900 }
  }
  const backend: Backend<unknown, { readonly name: string }> = {
    kind: { access: 'token', refresh: 'cookie' },
    async signIn({ name }) {
      cookie = name
      return { ...give(name), user: { name } }
    },
    async refresh() {
      await hold
      return { type: 'renewed', answer: give(`${cookie}`) }
    },
    async signOut() {
      cookie = null
    },
  }
  const pause = () => {
    let release = () => {}
    hold = new Promise((resolve) => {
      release = resolve
    })
    return () => {
      hold = null
      release()
    }
  }
  return { backend, owners, pause }
}

/** Sends one request whose first answer is a 401. `whose`: for whom each token was that it went out with. */
function request(auth: Auth, owners: ReadonlyMap<string, string>) {
  const whose: (string | undefined)[] = []
  const send = async ({ token }: Sending) => {
    whose.push(owners.get(`${token}`))
    return { status: whose.length === 1 ? 401 : 200 }
  }
  return { whose, done: outcome(auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send })) }
}

test.each([
  ['signs out and Grace signs in', true],
  ['is replaced by Grace', false],
])(
  'a request of Ada is not repeated as Grace when Ada %s in another tab, while it waits for the refresh',
  async (_, out) => {
    const { backend, owners, pause } = createServer()
    const world = createWorld()
    const [here, there] = [0, 1].map(() => world.open({ backend: backend as Backend }))
    await here?.auth.signIn({ name: 'ada' })
    // A token that never worked is not renewed so soon.
    await world.clock.advance(5000)
    const release = pause()
    const { whose, done } = request(here?.auth as Auth, owners)
    await world.clock.flush()
    if (out) await there?.auth.signOut()
    // She waits for the refresh, but not for ever.
    const entered = there?.auth.signIn({ name: 'grace' })
    await world.clock.advance(6_000)
    await entered
    release()
    await world.clock.advance(30_000)
    expect(whose).toEqual(['ada'])
    expect(done.result).toBeDefined()
    expect(here?.auth.getState().user).toEqual({ name: 'grace' })
    // What begins from now on is Grace's.
    const next = request(here?.auth as Auth, owners)
    await world.clock.advance(30_000)
    expect(next.whose[0]).toBe('grace')
  },
)

test('without a switch it is repeated as Ada', async () => {
  const { backend, owners } = createServer()
  const world = createWorld()
  const { auth } = world.open({ backend: backend as Backend })
  await auth.signIn({ name: 'ada' })
  await world.clock.advance(5000)
  const { whose, done } = request(auth, owners)
  await world.clock.advance(1000)
  expect(whose).toEqual(['ada', 'ada'])
  expect(done.result).toBe('done')
})
