import { actOnComputer, hold } from '../processes/steps.ts'
import { kindOf } from './hidden.ts'
import { begin, last } from './lasting.ts'
import type { Errand } from './letter.ts'
import { emailOf, PASSWORDS } from './people.ts'
import { draw } from './random.ts'
import type { Sim } from './sim.ts'
import type { SimTab, User } from './tab.ts'
import type { Action } from './types.ts'
import { isWording } from './wordings.ts'

const JUNK: readonly string[] = [
  '',
  ' ',
  'nobody signed_out',
  'nobody rejected',
  'nobody renewing',
  '{"id":1,"order":9007199254740991}',
  'x'.repeat(5_000),
  'a b c d',
]

/** A message on the tabs' channel that means nothing. */
export const junkOf = (what: number): string => JUNK[what % JUNK.length] ?? ''

/** More tabs than this are not opened. */
const MOST_TABS = 6
const errands = new WeakMap<Sim, number>()

/** Does one step, as far as it begins at once. What follows comes with time. */
export function act(sim: Sim, action: Action): void {
  const open = sim.open()
  const tab = 'tab' in action ? open[action.tab % open.length] : undefined
  const { device, timeline, network, shelf } = sim
  const asleep = (): SimTab[] => open.filter(({ fake }) => fake.process.status === 'running')

  switch (action.do) {
    case 'open':
      if (open.length < MOST_TABS) begin(sim)
      return
    case 'power':
    case 'rotate':
    case 'reseal':
    case 'damage':
    case 'full':
    case 'neighbour':
      if (sim.computer) actOnComputer(sim, sim.computer, action)
      return
    case 'sleep': {
      const tabs = asleep()
      timeline.note('device', 'sleeps for', action.for)
      for (const { fake } of tabs) fake.process.freeze(action.timers)
      standstill(sim, tabs)
      last(sim, action.for, () => {
        timeline.note('device', 'wakes')
        for (const { fake } of tabs) {
          fake.process.thaw()
          fake.wake('visible')
        }
      })
      return
    }
    case 'jump':
      timeline.note('device', 'clock jumps by', action.by)
      sim.trouble.add('jump')
      device.jump(action.by)
      return
    case 'offline':
      timeline.note('network', 'offline for', action.for)
      network.online = false
      last(sim, action.for, () => {
        timeline.note('network', 'online')
        network.online = true
        for (const { fake } of sim.open()) fake.wake('online')
      })
      return
    case 'fault':
      if (action.mishap === 'twice') sim.trouble.add('twice')
      if (
        action.target === 'refresh' &&
        ([400, 401, 403].includes(action.mishap as number) || isWording(action.mishap))
      )
        sim.trouble.add('refusal')
      network.fault(action.target, action.mishap, action.times, action.after)
      return
    case 'revoke':
      timeline.note('server', 'ends all sessions')
      sim.trouble.add('revoked')
      sim.mock.admin.revokeSessions()
      return
    case 'expire_tokens':
      timeline.note('server', 'refuses all access tokens')
      // Where nothing else renews them, that is the end.
      network.hidden.expire()
      if (/none|access/.test(kindOf(sim.world.server.kind).refresh)) sim.trouble.add('revoked')
      sim.mock.admin.expireAccessTokens()
      return
    case 'evict':
      timeline.note('outside', 'deletes', action.what)
      sim.trouble.add('storage')
      for (const part of ['record', 'access', 'refresh'] as const)
        if (action.what === part || action.what === 'all') shelf.evict(part)
      return
    case 'clear':
      timeline.note('outside', 'deletes all cookies')
      sim.trouble.add('storage')
      for (const part of ['record', 'access', 'refresh'] as const) shelf.evict(part)
      network.hidden.clear()
      return
    case 'elsewhere':
      sim.trouble.add('elsewhere')
      network.hidden.elsewhere(action.person)
      return
    case 'edit':
      timeline.note('outside', 'edits', action.what)
      sim.trouble.add('storage')
      if (action.what === 'old') shelf.rewind()
      else shelf.spoil(action.what)
      return
    case 'block':
      timeline.note('outside', 'blocks', action.what)
      sim.trouble.add('storage')
      shelf.block(action.what)
      last(sim, action.for, () => shelf.block('no'))
      return
    case 'plant':
      timeline.note('outside', 'plants', action.what)
      sim.trouble.add('storage')
      shelf.plant(action.what)
      return
    case 'junk':
      timeline.note('outside', 'posts junk', action.what)
      sim.junk(junkOf(action.what))
      return
    case 'base':
      timeline.note('page', 'has another base for', action.for)
      sim.base = 'https://elsewhere.example.test/'
      last(sim, action.for, () => {
        sim.base = sim.href
      })
      return
    case 'lock': {
      timeline.note('outside', action.steal ? 'steals the lock' : 'asks for the lock')
      sim.trouble.add('lock')
      const back = sim.computer ? hold(sim, sim.computer) : sim.browser.takeLocks(action.steal)
      last(sim, action.for, back)
      return
    }
  }
  if (tab) actIn(sim, tab, action)
}

/** Others may have gone on without the lock meanwhile; also without one that a renewal holds which a sign-in has made needless. */
function standstill(sim: Sim, tabs: readonly SimTab[]): void {
  if (tabs.some(({ auth, locks }) => locks || auth.inspect().refreshing)) sim.trouble.add('standstill')
}

type TabAction = Extract<Action, { readonly tab: number }>

function actIn(sim: Sim, tab: SimTab, action: TabAction): void {
  const { fake, auth, name } = tab
  const { process } = fake
  const { timeline, promises, truth } = sim
  // People and their clicks reach only tabs that run.
  const runs = process.status === 'running'

  switch (action.do) {
    case 'sign_in': {
      if (!runs) return
      timeline.note(name, 'signIn()', action.person)
      sim.watch.asked(tab, 'sign_in')
      const password = action.wrong ? 'wrong' : PASSWORDS[action.person]
      const promise = auth.signIn({ email: emailOf(action.person), password })
      void promises.expect(tab, 'sign_in', promise)
      return
    }
    case 'sign_out':
      if (!runs) return
      timeline.note(name, 'signOut()', action.scope)
      sim.watch.asked(tab, action.scope === 'others' ? 'sign_out_others' : 'sign_out')
      void promises.expect(tab, 'sign_out', auth.signOut({ scope: action.scope }))
      return
    case 'request':
      if (runs) for (let count = 0; count < action.count; count++) void request(sim, tab, action)
      return
    case 'refresh':
      if (!runs) return
      timeline.note(name, 'refresh()')
      sim.watch.asked(tab, 'refresh')
      void promises.expect(tab, 'refresh', auth.refresh())
      return
    case 'token':
      if (!runs) return
      timeline.note(name, 'getAccessToken()')
      sim.watch.asked(tab, 'token')
      void promises.expect(tab, 'token', auth.getAccessToken())
      return
    case 'close':
    case 'reload': {
      const end = (): void => {
        if (process.status === 'closed') return
        timeline.note(name, 'is closed')
        if (tab.locks || auth.inspect().refreshing) sim.trouble.add('crash')
        if (action.after >= 0) sim.trouble.add('crash')
        if (process.status === 'stalled') sim.trouble.add('lost write')
        process.close()
        if (action.do === 'reload') truth.setTimeout(() => begin(sim), 0)
      }
      if (action.after < 0) end()
      else process.interrupt(action.after, end)
      return
    }
    case 'dispose':
      if (!runs) return
      timeline.note(name, 'dispose()')
      if (auth.inspect().refreshing) sim.trouble.add('crash')
      void dispose(sim, tab)
      return
    case 'end':
      if (!runs || !tab.close) return
      timeline.note(name, 'is asked to end')
      if (auth.inspect().refreshing) sim.trouble.add('crash')
      void tab.close().then(() => {
        tab.disposed = true
      })
      return
    case 'freeze':
      timeline.note(name, 'is frozen')
      standstill(sim, [tab])
      process.freeze()
      return
    case 'thaw':
      timeline.note(name, 'is thawed')
      process.thaw()
      return
    case 'stall': {
      const stop = (): void => {
        timeline.note(name, 'stalls for', action.for)
        standstill(sim, [tab])
        process.stall()
        last(sim, action.for, process.thaw)
      }
      process.interrupt(action.after, stop)
      return
    }
    case 'throttle':
      sim.trouble.add('standstill')
      tab.throttled ||= action.on
      process.throttle(action.on)
      return
    case 'cached':
      if (!runs) return
      timeline.note(name, 'enters the back/forward cache')
      standstill(sim, [tab])
      // With a lock held, browsers do not keep a page.
      if (tab.locks) {
        process.close()
        return
      }
      process.freeze('cached')
      last(sim, action.for, () => {
        timeline.note(name, 'is restored')
        process.thaw()
        fake.wake('visible')
      })
      return
    case 'wake':
      timeline.note(name, 'wakes:', action.reason)
      fake.wake(action.reason)
  }
}

/** A keeper is stopped, or it would go on, and tell of an `auth` that is over. */
async function dispose(sim: Sim, tab: SimTab): Promise<void> {
  if (sim.world.host?.keeper) await tab.close?.()
  else tab.auth.dispose()
  tab.disposed = true
}

/** By the server's user, or by the claims of its token; undefined if neither is known. */
export const idOf = (user: User | null): string | undefined => user?.id ?? user?.sub

/** The app sends a request through axios. */
export function request(
  sim: Sim,
  tab: SimTab,
  action: Omit<Extract<Action, { do: 'request' }>, 'do' | 'tab' | 'count'>,
): Promise<boolean> {
  const number = (errands.get(sim) ?? 0) + 1
  errands.set(sim, number)
  const state = tab.auth.getState()
  const errand: Errand = {
    number,
    tab,
    as: state.status === 'unauthenticated' ? null : idOf(state.user),
    sends: 0,
  }
  sim.network.begin(errand)
  sim.timeline.note(tab.name, `request ${number}`, action.to)
  sim.watch.asked(tab, 'request')
  sim.watch.began(errand)
  const { process } = tab.fake
  const stop = action.abort === null ? null : new AbortController()
  if (stop) sim.device.setTimeout(() => process.enter(() => stop.abort()), action.abort ?? 0)
  const promise = tab.api.request({
    url: action.to === 'elsewhere' ? 'https://elsewhere.example.test/' : `/${action.to}`,
    method: action.body ? 'post' : 'get',
    ...(action.body ? { data: { number, draw: draw(sim.world.seed, 'body', number) } } : {}),
    timeout: action.limit,
    ...(stop ? { signal: stop.signal } : {}),
    errand: number,
  } as Parameters<typeof tab.api.request>[0])
  void promise.then(
    () => sim.watch.handed(errand),
    () => {},
  )
  const limits = [action.limit, action.abort].filter((limit): limit is number => !!limit)
  return sim.promises.expect(tab, 'request', promise, limits)
}
