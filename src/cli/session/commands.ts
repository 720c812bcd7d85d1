import { AuthError, type AuthErrorCode, isAuthError } from '../../core/errors.ts'
import { createKeeper } from '../../node/keeper/create-keeper.ts'
import type { Command } from '../command.ts'
import type { KeptSession } from './open-session.ts'
import { DONE, PERSON, sessionCommand } from './session-command.ts'
import { ago, describe, factsOf, until } from './words.ts'

export const captureCommand: Command = sessionCommand({
  name: 'capture',
  help: 'opens a browser for a person, waits until they are signed in, and keeps what the browser then has.',
  creates: true,
  async run({ capture, auth }, { progress }) {
    if (!capture) throw new AuthError('misconfigured', 'capture is for web sessions. Sign in by a program of your own.')
    const began = Date.now()
    progress?.('A browser opens.')
    const waiting = (): void => progress?.(`Sign in there. Waiting for ${Math.round((Date.now() - began) / 1000)} s.`)
    await capture({ waiting }).finally(() => progress?.(''))
    const { expiresAt } = auth.inspect()
    return {
      exit: DONE,
      facts: { outcome: 'captured', expiresAt },
      lines: [`Signed in, and proven without the person. The token ends ${until(expiresAt)}.`],
    }
  },
})

export const renewCommand: Command = sessionCommand({
  name: 'renew',
  help: 'renews the session now.\n\n  --auto           never open a window: when a person is needed, say so by the exit code',
  flags: ['auto'],
  async run(session, { progress }, { auto }) {
    progress?.('Renewing.')
    try {
      await renew(session).finally(() => progress?.(''))
    } catch (error) {
      // A person watches, and may help at once.
      const helps = isAuthError(error) && /^(interaction_required|rejected|unauthenticated)$/.test(error.code)
      if (auto || !progress || !helps || !session.capture) throw error
      progress('A person is needed: a browser opens. Sign in there.')
      await session.capture().finally(() => progress(''))
    }
    const { expiresAt } = session.auth.inspect()
    return {
      exit: DONE,
      facts: { outcome: 'renewed', expiresAt },
      lines: [`Renewed. The token ends ${until(expiresAt)}.`],
    }
  },
})

async function renew({ auth, inspect }: KeptSession): Promise<void> {
  // What the browser keeps may be alive when the token's session is over.
  const signIn = inspect && (() => auth.signIn(undefined as never))
  const keeper = createKeeper({ auth, timer: false, ...(signIn && { signIn }) })
  const { outcome, error } = await keeper.runNow()
  if (outcome === 'renewed' || outcome === 'signed_in') return
  throw new AuthError((error?.code ?? 'unauthenticated') as AuthErrorCode, error?.message ?? 'Nobody is signed in.')
}

export const statusCommand: Command = sessionCommand({
  name: 'status',
  help: 'tells whether the session lives. It asks nobody: see renew.',
  async run(session) {
    const facts = factsOf(session)
    // Before the engine renews of itself.
    session.auth.dispose()
    const lives = facts.status === 'authenticated' && !facts.over
    return { exit: lives ? DONE : PERSON, facts, lines: describe(facts) }
  },
})

export const inspectCommand: Command = sessionCommand({
  name: 'inspect',
  help: 'shows what is stored: counts, names and times, never a value.',
  async run(session) {
    const facts = { ...factsOf(session), ...session.inspect?.() }
    session.auth.dispose()
    const lines = describe(facts)
    for (const [domain, { cookies, endsAt }] of Object.entries(facts.domains ?? {}))
      lines.push(`${domain}: ${cookies} cookies${endsAt === null ? '' : `, the first ends ${until(endsAt)}`}`)
    for (const [origin, { local, session: tab }] of Object.entries(facts.origins ?? {}))
      lines.push(`${origin}: ${local} items of localStorage, ${tab} of sessionStorage`)
    if (facts.createdAt) lines.push(`signed in ${ago(facts.createdAt)}`)
    if (facts.keyIds) lines.push(`sealed with key ${facts.keyIds.join(', ')}`)
    return { exit: DONE, facts, lines }
  },
})

export const rotateKeyCommand: Command = sessionCommand({
  name: 'rotate-key',
  help: 'seals the files with the newest of the keys. Put the new key in front of the old one first; then take the old one away.',
  async run({ reseal, auth }) {
    if (!reseal) throw new AuthError('misconfigured', 'This session has no reseal(). A sealedFile has: hand it on.')
    const changed = reseal()
    auth.dispose()
    return {
      exit: DONE,
      facts: { outcome: changed ? 'resealed' : 'unchanged' },
      lines: [changed ? 'Sealed with the newest key.' : 'The newest key seals it already.'],
    }
  },
})

export const forgetCommand: Command = sessionCommand({
  name: 'forget',
  help: 'signs out, on the server where it can, and keeps neither tokens, nor what a browser had, nor credentials.',
  async run({ auth, setCredentials }) {
    await auth.ready
    const { revoked } = await auth.signOut()
    setCredentials?.(null)
    return {
      exit: DONE,
      facts: { outcome: 'forgotten', revoked },
      lines: [
        revoked
          ? 'Signed out on the server, and forgotten.'
          : 'Forgotten here. The server was not told: sign out there.',
      ],
    }
  },
})
