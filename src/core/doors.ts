import { AuthError, misuse } from './errors.ts'
import type { Keeper } from './keeper.ts'
import { type Ended, gather, type Leaving } from './leaving.ts'
import type { Life } from './life.ts'
import { noop, within } from './limits.ts'
import { highest } from './memory.ts'
import type { Messages } from './messages.ts'
import type { Ports } from './ports.ts'
import { type Ending, endIn, type Found, isSignOut, outranks, reasonOf, sessionIn } from './reconcile.ts'
import { secretsOf } from './redact.ts'
import type { Server } from './server.ts'
import { idOf, NO_TOKENS, type Session } from './session.ts'
import type { Tabs } from './tabs.ts'
import type { SignOutResult, SignOutScope, TokenAnswer } from './types.ts'
import type { Vault } from './vault.ts'

/** The ways in and out that people take. */
export interface Doors {
  signIn(credentials: unknown): Promise<unknown>
  adopt(answer: TokenAnswer): Promise<unknown>
  signOut(scope: SignOutScope, reason?: 'signed_out' | 'idle'): Promise<SignOutResult>
  /** As that of the tabs; not before whom the server has let in here is known, or not let in. */
  readonly look: Tabs['look']
}

export function createDoors(
  { clock, newId }: Ports,
  life: Life,
  keeper: Keeper,
  messages: Messages,
  server: Server,
  vault: Vault,
  leaving: Leaving,
  tabs: Tabs,
): Doors {
  /** Counts what the person asked for here; a sign-in that is not the last of it is dropped. */
  let intent = 0
  /** What counts of it now: the last sign-in that was answered, or the last sign-out. */
  let counts = 0
  /** The last of it was to sign out. */
  let out = false

  const alive = () => life.signal().throwIfAborted()
  /** The order of the last sign-in or sign-out that can be seen. */
  const order = () => highest(keeper.memory(), vault.read(keeper.session()))
  /** The same; what a slow storage holds may be later: its time tells. */
  const lastOrder = () => Math.max(order(), vault.slow() ? clock.now() : 0)

  const overtaken = () => new AuthError('session_changed', 'A later sign-in or sign-out overtook this sign-in.')

  let entering: Promise<unknown> | null = null
  /** Lets the person in whose tokens came by a sign-in that began when `begun` was the last order, and was sent at `seen`. */
  const enter = (answer: TokenAnswer, turn: number, begun: number, seen: number): Promise<unknown> => {
    const done = letIn(answer, turn, begun, seen)
    const mine = done.then(noop, noop).then(() => {
      if (entering === mine) entering = null
    })
    entering = mine
    return done
  }
  const letIn = async (answer: TokenAnswer, turn: number, begun: number, seen: number): Promise<unknown> => {
    // What is no token answer changes nothing.
    const entered = server.accept(answer, { id: '', order: 0 })
    const { accessToken, refreshToken } = entered
    let user = answer.user || null
    // Whoever comes in meanwhile sets the cookie as well: only the server knows who was the last.
    const crossed = () => server.isMute(accessToken) && order() > seen
    for (let asked = false; server.backend.getUser && (crossed() || !(user || asked)); asked = true) {
      seen = order()
      user = (await server.whoIs(accessToken).catch(noop)) || user
    }
    const check = (found: Found | undefined, current: number) => {
      alive()
      // A cookie that scripts do not see counts as it was set last, whoever asked for it.
      const last = turn === current || (leaving.hidden && !out)
      if (last && !isSignOut(found, begun)) return
      const end = endIn(found)
      const mine = keeper.session()
      if (end && mine && outranks(end, mine)) keeper.end(reasonOf(end), end, { found: true })
      else if (end) keeper.bury(end)
      const abandon = () => leaving.abandon({ accessToken, refreshToken })
      // It may be in storage: it is not ended before the one that takes its place is there.
      if (!out && entering) void entering.then(abandon)
      else abandon()
      throw overtaken()
    }
    let found = vault.read(keeper.session())
    check(found, intent)
    counts = turn
    const subject = server.isMute(accessToken) ? idOf(user) : entered.subject
    let session: Session = { ...entered, user, subject, id: newId(), order: keeper.nextOrder(found) }
    const ahead = keeper.ahead(session, begun)
    let saved = ahead && (await ahead)
    if (ahead) {
      // Only now it is known what was there: a sign-out since, which was kept, or something later by a faster clock.
      found = vault.read(session)
      check(found, counts)
      if (found && found !== 'foreign' && outranks(found, session)) {
        session = { ...session, order: keeper.nextOrder(found) }
        saved = undefined
      }
    }
    keeper.signIn(session, 'this_tab', begun, saved)
    await keeper.settled()
    const mine = keeper.session()
    // A listener, or another tab, may have ended it already.
    if (mine?.id !== session.id) throw overtaken()
    messages.announce()
    return mine.user ?? mine.claims ?? {}
  }

  return {
    look(...how) {
      // Where nobody was signed in nothing can be taken for theirs.
      const before = keeper.session() && entering
      return before ? before.then(() => tabs.look(...how)) : tabs.look(...how)
    },
    async signIn(credentials) {
      alive()
      const turn = ++intent
      const begun = lastOrder()
      out = false
      return leaving.entering(async () => {
        // Somebody signed out here while it waited.
        if (out && turn !== intent) throw overtaken()
        const seen = lastOrder()
        const answer = await server.call(
          (context) => server.backend.signIn(credentials, context),
          secretsOf(credentials),
        )
        // As long as a timer can be: the page goes, or its person comes back.
        if (answer?.leaving) await within(clock, answer.leaving, 2 ** 31 - 1, overtaken, life.signal())
        return enter(answer, turn, begun, seen)
      })
    },
    async adopt(answer) {
      alive()
      const turn = ++intent
      const begun = lastOrder()
      out = false
      return leaving.entering(() => enter(answer, turn, begun, lastOrder()))
    },
    async signOut(scope, reason = 'signed_out') {
      alive()
      if (!['local', 'global', 'others'].includes(scope))
        misuse(`signOut: scope must be 'local', 'global' or 'others', not '${scope}'.`)
      const mine = keeper.session()
      if (!['signed_out', 'idle'].includes(reason))
        misuse(`signOut: reason must be 'signed_out' or 'idle', not '${reason}'.`)
      if (scope === 'others') return { revoked: !!mine && (await server.revoke(mine, scope)) }
      const turn = ++intent
      counts = turn
      out = true
      const ended: Ended[] = []
      /** `first`: it has been ended before what storage holds was known. Its order stays: who has signed in since is later. */
      const end = (found: Found | undefined, first?: Ending) => {
        const there = sessionIn(found)
        gather(ended, keeper.session())
        gather(ended, there)
        const { id = '', version = 1 } = keeper.session() ?? there ?? {}
        const seen = found && found !== 'foreign' ? found.order : 0
        const order = first && first.order > seen ? first.order : keeper.nextOrder(found)
        const ending: Ending = {
          id: id || first?.id || '',
          order,
          version: version || 1,
          reason,
          ...(leaving.hidden && { pending: scope }),
        }
        // What is still being read is not written over before it is known.
        keeper.end(reason, ending, { found: vault.opening() })
        return ending
      }
      const opening = vault.opening()
      let ending = end(vault.read(mine))
      // Nobody is known here, but a cookie that scripts do not see may hold somebody.
      if (!ended.length && ending.pending) ended.push({ ...NO_TOKENS, expiresAt: null })
      const telling = [...ended].map((tokens) => server.revoke(tokens, scope))
      // At once: whoever signs in next waits from now on, whatever the storage takes.
      leaving.meanwhile(Promise.all(telling))
      if (vault.slow()) {
        await vault.settle()
        const [found, replaced] = [vault.read(null), sessionIn(vault.replaced())]
        const before = ended.length
        gather(ended, replaced)
        if (turn === counts && (opening || sessionIn(found))) {
          ending = end(found, ending)
          await keeper.settled()
        }
        const more = ended.slice(before).map((tokens) => server.revoke(tokens, scope))
        if (more.length) leaving.meanwhile(Promise.all(more))
        telling.push(...more)
      }
      messages.announce(reason, ending.id)
      const revoked = telling.length > 0 && (await Promise.all(telling)).every((done) => done)
      leaving.told(ending, revoked)
      return { revoked }
    },
  }
}
