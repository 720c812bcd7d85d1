import type { Keeper } from './keeper.ts'
import type { Life } from './life.ts'
import { noop, SETTLING, sleep } from './limits.ts'
import type { Ports, Timer } from './ports.ts'
import { HEARSAY } from './reconcile.ts'
import type { Store } from './store.ts'
import type { SignedOutReason } from './types.ts'

/** Messages that come within this time (ms) of a look are answered by one more. */
const MERGE = 50

/** What a tab tells the others when it asks the server for new tokens. */
const RENEWING = 'renewing'
/** What tabs tell each other, as 0.1.0 does: an id, and what happened to that session. */
const MESSAGE = /^(\S{0,200}) (renewing|signed_out|rejected|expired|idle)?$/

/** What tabs tell each other: that there is something to look for. Never a token, and nothing that is believed. */
export interface Messages {
  /** Tells the other tabs that something has changed, and what. Never a token. */
  announce(what?: string, id?: string): void
  /** Tells them that this tab asks the server for new tokens. */
  renewing(): void
  /** Calls `run` when another tab tells that it does. */
  onRenewing(run: () => void): () => void
  close(): void
}

/** @param look looks at storage; with why it would be empty */
export function createMessages(
  { clock, openChannel, settle }: Ports,
  name: string | undefined,
  life: Life,
  store: Store<unknown>,
  keeper: Keeper,
  look: (lost: SignedOutReason | undefined) => unknown,
): Messages {
  const listeners = new Set<() => void>()
  let lookedAt = -Infinity
  let soon: Timer | null = null
  let hint: SignedOutReason | undefined
  /** Looks at once, or, if that was done a moment ago, once more in a moment. */
  const lookSoon = (reason: SignedOutReason | undefined) => {
    hint = reason ?? hint
    if (soon) return
    const run = () => {
      soon = null
      lookedAt = clock.now()
      const why = hint
      hint = undefined
      void look(why)
      // A message may be here before the cookies are that it tells of, and not every browser tells when these come.
      if (settle) (settle() ?? sleep(clock, SETTLING, life.signal())).then(() => look(why)).catch(noop)
    }
    const wait = MERGE - Math.abs(clock.now() - lookedAt)
    if (wait > 0) soon = clock.setTimeout(run, wait)
    else run()
  }

  const receive = (text: string) => {
    const match = typeof text === 'string' && MESSAGE.exec(text)
    if (!match) return
    const [, id = '', what] = match
    keeper.trace({ step: 'heard', what: what ?? 'changed' })
    if (what === RENEWING) {
      keeper.note({ tried: clock.now() })
      for (const run of [...listeners]) run()
      return
    }
    const { session: mine, last } = keeper.memory()
    // What happened to another session is no reason why this one would be gone.
    const ours = !id || mine?.order === 0 || id === (mine?.id ?? last)
    const why = what === 'signed_out' ? 'other_tab' : (what as SignedOutReason | undefined)
    const reason = ours ? why : undefined
    // Of what one has signed out of nothing is left to look for; and storage may not have taken it.
    if (why === 'other_tab' && id) {
      const ending = { id, order: mine?.order || HEARSAY, version: mine?.version || 1, reason: 'signed_out' } as const
      if (mine?.id === id) keeper.end(why, ending, { found: true })
      else if (!mine) keeper.bury(ending)
    }
    const now = store.state()
    // The cookies may be seen to go before the reason is told.
    if (reason && now.status === 'unauthenticated' && now.reason === 'storage_lost') store.commit({ ...now, reason })
    lookSoon(reason)
  }
  const channel = name ? openChannel?.(name, receive) : null
  const announce = (what = '', id = keeper.session()?.id ?? '') => {
    if (life.over()) return
    keeper.trace({ step: 'announced', what: what || 'changed' })
    channel?.post(`${id} ${what}`)
  }
  return {
    announce,
    renewing: () => announce(RENEWING),
    onRenewing(run) {
      listeners.add(run)
      return () => void listeners.delete(run)
    },
    close() {
      if (soon) clock.clearTimeout(soon)
      channel?.close()
    },
  }
}
