import type { Auth, AuthState, SessionKind } from 'keyturn'
import { asynchronous } from '../../core/storages.ts'
import { withoutAccess } from '../../core/unseen.ts'
import { createWorld, MINUTE, type Tab } from '../../core/world.ts'
import { stream } from '../world/random.ts'
import { createSite } from './site.ts'

const KINDS: readonly SessionKind[] = [
  { access: 'token', refresh: 'cookie' },
  { access: 'cookie', refresh: 'cookie' },
]
const LONGEST_TRIP = 2_000

type Person = { readonly name: string }

const nameOf = (state: AuthState): string | null => (state.user as Person | null)?.name ?? null

/** What a person asked for last, and whether nothing else was under way then. */
interface Wish {
  readonly name: string | null
  readonly clear: boolean
  granted: boolean
}

/**
 * A world of a few tabs over a session that scripts do not see, in which things happen at random. Returns what went wrong:
 * an answer handed to somebody else, a sign-out that nobody asked for, a sign-out undone, or tabs that do not agree at the end.
 */
export async function runUnseen(seed: number, log: (line: string) => void = () => {}): Promise<readonly string[]> {
  const random = stream('unseen', seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const world = createWorld()
  const { clock, browser } = world
  const kind = pick(KINDS)
  const begin = clock.now()
  const say = (line: string) => log(`${((clock.now() - begin) / 1000).toFixed(3)} ${line}`)
  const slow = random() < 0.3
  const memory = random() < 0.4
  const deaf = random() < 0.3
  const site = createSite(
    clock,
    kind,
    () => 1 + Math.floor(random() * LONGEST_TRIP * (random() < 0.5 ? 0.05 : 1)),
    (line) => say(line),
  )
  const wrong: string[] = []
  const tabs: Tab[] = []
  let calls = 0
  let wish: Wish = { name: null, clear: true, granted: true }
  let outs = 0

  const open = () => {
    const { storage } = browser.openTab()
    const kept = memory ? withoutAccess(storage) : storage
    const tab = world.open({
      backend: site.backend,
      restore: 'always',
      storage: slow ? asynchronous(kept) : kept,
      ...(deaf && { ports: { openChannel: null } }),
    })
    const number = tabs.push(tab)
    say(`tab ${number} opens`)
    tab.auth.subscribe(() => {
      const state = tab.auth.getState()
      say(`tab ${number} is ${state.status} ${nameOf(state) ?? ''}`)
    })
    tab.auth.on('signed_out', ({ reason, error }) => {
      say(`tab ${number} signed_out ${reason} ${error?.message ?? ''}`)
      // There is nothing here that ends a session but a person.
      if (reason !== 'signed_out' && !(reason === 'other_tab' && outs)) wrong.push(`signed out as '${reason}'`)
    })
  }
  const live = () => tabs.filter(({ auth }) => !disposed.has(auth))
  const disposed = new Set<Auth>()
  const call = (what: string, run: () => Promise<unknown>) => {
    calls++
    say(what)
    return run()
      .then(
        () => true,
        (error) => {
          say(`${what} fails: ${error.code} ${error.message}`)
          return false
        },
      )
      .finally(() => {
        calls--
      })
  }
  const want = async (name: string | null, run: () => Promise<unknown>, what: string) => {
    const before = wish
    const mine: Wish = { name, clear: calls === 0 && site.busy() === 0, granted: false }
    wish = mine
    mine.granted = await call(what, run)
    // A sign-in that failed changes nothing.
    if (!mine.granted && wish === mine) wish = { ...before, clear: before.clear && mine.clear }
  }
  const ask = async ({ auth }: Tab) => {
    const who = nameOf(auth.getState())
    let told: string | null = null
    const sent = await call('request', () =>
      auth.exchange({
        url: '/data',
        origins: ['/'],
        repeatable: true,
        send: async ({ token }) => {
          told = await site.ask(token)
          return { status: told ? 200 : 401 }
        },
      }),
    )
    if (sent && who && told && told !== who) wrong.push(`the request of ${who} was answered as ${told}`)
  }

  say(`${kind.access}/${kind.refresh}${slow ? ', slow' : ''}${memory ? ', memory' : ''}${deaf ? ', deaf' : ''}`)
  open()
  for (let steps = 6 + Math.floor(random() * 14); steps > 0; steps--) {
    const tab = pick(live())
    const at = tabs.indexOf(tab) + 1
    const what = random()
    if (what < 0.22) {
      const name = pick(['ada', 'bob'])
      void want(name, () => tab.auth.signIn(name), `tab ${at} signIn ${name}`)
    } else if (what < 0.4) {
      outs++
      void want(null, () => tab.auth.signOut(), `tab ${at} signOut`)
    } else if (what < 0.52) void call(`tab ${at} refresh`, () => tab.auth.refresh())
    else if (what < 0.64) void ask(tab)
    else if (what < 0.74) {
      site.offline = !site.offline
      say(site.offline ? 'offline' : 'online')
      if (!site.offline) for (const { tab } of live()) tab.wake('online')
    } else if (what < 0.84 && live().length < 4) open()
    else if (what < 0.9 && live().length > 1 && site.busy() === 0 && calls === 0) {
      disposed.add(tab.auth)
      tab.auth.dispose()
      say(`tab ${at} closes`)
    }
    const pause = random()
    await clock.advance(pause < 0.4 ? Math.floor(pause * 500) : pause < 0.9 ? 3_000 : 20 * MINUTE)
  }
  say('the network is there, and everybody waits')
  site.offline = false
  for (const { tab } of live()) tab.wake('online')
  await clock.advance(10 * MINUTE)
  for (const { tab } of live()) tab.wake('visible')
  await clock.advance(MINUTE)

  const shown = live().map(({ auth }) => auth.getState())
  const names = new Set(shown.map((state) => `${state.status} ${nameOf(state)}`))
  if (names.size > 1) wrong.push(`tabs do not agree: ${[...names].join(', ')}`)
  const [one] = shown
  const name = one ? nameOf(one) : null
  if (one?.status === 'loading') wrong.push('a tab is loading')
  if (name !== site.who()) wrong.push(`shown is ${name}, and the cookie is ${site.who()}’s`)
  if (wish.clear && wish.granted && wish.name !== name) wrong.push(`${wish.name} was wanted, and ${name} is shown`)
  for (const tab of live()) {
    const told = ask(tab)
    await clock.advance(10_000)
    await told
  }
  for (const { auth } of live()) auth.dispose()
  return wrong
}
