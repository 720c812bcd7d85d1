import { describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../src/core/errors.ts'
import type { Backend, RefreshOutcome, StoredSession } from '../../src/core/types.ts'
import { createNodeAuth } from '../../src/node/create-node-auth.ts'
import type { HostStorage, RenewalNote } from '../../src/node/host-storage.ts'
import { noteRenewals } from '../../src/node/note-renewals.ts'
import { createFakeClock } from '../../src/testing/browser/fake-clock.ts'

const note: RenewalNote = { at: Date.UTC(2026, 0, 1), pid: 7, host: 'here' }
const tokens = { accessToken: 'access', refreshToken: 'refresh' }
const context = { signal: new AbortController().signal, fetch, pageUrl: null, now: 0 }

const noted = (backend: Partial<Backend>, left: RenewalNote | null = note) =>
  noteRenewals(
    backend as Backend,
    { noteRenewal: () => left, renewing: () => null } as unknown as HostStorage,
    createFakeClock(),
    10_000,
  )
const refused = (doubt?: boolean): RefreshOutcome => ({
  type: 'rejected',
  error: new AuthError('rejected', 'Forbidden', { status: 403 }),
  ...(doubt && { doubt }),
})

describe('a backend whose renewals are noted', () => {
  it('explains a refusal by the renewal that was cut short', async () => {
    const outcome = await noted({ refresh: async () => refused() }).refresh(tokens, context)
    expect(outcome).toMatchObject({ type: 'rejected', error: { status: 403 } })
    expect('error' in outcome && outcome.error.message).toMatch(/^Forbidden A renewal by process 7 on here/)
  })

  it('leaves a doubtful refusal as it is: it counts when it has come three times alike', async () => {
    const outcome = await noted({ refresh: async () => refused(true) }).refresh(tokens, context)
    expect(outcome).toEqual(refused(true))
  })

  it('renews as early as the backend wants', () => {
    expect(noted({ renewAfter: 0.5 }).renewAfter).toBe(0.5)
    expect('renewAfter' in noted({})).toBe(false)
  })
})

const TIMEOUT = 10_000

/** A row whose lock was freed while another process renews: it has just noted that. */
function lostLock(life: number) {
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const stored = {
    note: { at: clock.now(), pid: 7, host: 'elsewhere' } as RenewalNote | null,
    session: { ...tokens, record: { id: 'a', order: 1, version: 1 } } as StoredSession,
  }
  let count = 1
  const refresh = vi.fn(async (_: unknown, { signal }: { signal: AbortSignal }): Promise<RefreshOutcome> => {
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, life))
    signal.throwIfAborted()
    count++
    const answer = { accessToken: `access-${count}`, refreshToken: `refresh-${count}`, expiresIn: 600 }
    return { type: 'renewed', answer }
  })
  const backend = { signIn: vi.fn(), signOut: vi.fn(), refresh } as unknown as Backend
  const storage: HostStorage = {
    key: 'row',
    backend: 'server',
    lock: async (_name, _signal, task) => void (await task()),
    watch: () => () => {},
    read: async () => stored.session,
    async write(session) {
      stored.session = session
      stored.note = null
    },
    async noteRenewal() {
      const left = stored.note
      stored.note = { at: clock.now(), pid: process.pid, host: 'here' }
      return left
    },
    async renewalEnded() {
      stored.note = stored.note && { ...stored.note, ended: true }
    },
    renewing: async () => stored.note,
    retryWrite: async () => {},
  }
  return { clock, stored, refresh, backend, storage }
}

describe('the note of another process', () => {
  it('that outlasts the call leaves it no time: nothing is sent, and the error does not speak of the server', async () => {
    const { clock, refresh, backend, storage } = lostLock(0)
    const outcome = vi.fn()
    void noteRenewals(backend, storage, clock, TIMEOUT).refresh(tokens, context).then(outcome)
    await clock.advance(TIMEOUT - 2_000)
    expect(outcome).not.toHaveBeenCalled()
    await clock.advance(1_800)
    expect(outcome).toHaveBeenCalledOnce()
    expect(refresh).not.toHaveBeenCalled()
    const [{ type, error }] = outcome.mock.calls[0] as [{ type: string; error: AuthError }]
    expect(type).toBe('conflict')
    expect(error.message).toMatch(/process 7 on elsewhere/i)
  })

  it('that goes while it is waited for has nothing sent in what is left of the call', async () => {
    const { clock, stored, refresh, backend, storage } = lostLock(0)
    const outcome = vi.fn()
    void noteRenewals(backend, storage, clock, TIMEOUT).refresh(tokens, context).then(outcome)
    await clock.advance(5_000)
    stored.note = { ...(stored.note as RenewalNote), ended: true }
    await clock.advance(500)
    expect(outcome).toHaveBeenCalledWith(expect.objectContaining({ type: 'conflict' }))
    expect(refresh).not.toHaveBeenCalled()
  })

  it('is waited for, and the renewal then has the whole time of a call', async () => {
    const { clock, stored, refresh, backend, storage } = lostLock(2_500)
    stored.note = null
    const auth = createNodeAuth({ backend, storage, timeout: TIMEOUT, ports: { clock, random: () => 0.99 } })
    await clock.advance(15_000)
    refresh.mockClear()
    const failures: string[] = []
    auth.on('refresh_failed', ({ error }) => failures.push(error.message))
    const { refreshToken } = stored.session
    // It began half a second before.
    stored.note = { at: clock.now() - 500, pid: 7, host: 'elsewhere' }
    const renewed = vi.fn()
    auth.refresh().then(renewed, renewed)
    await clock.advance(TIMEOUT + 1_900 + TIMEOUT)
    expect(stored.session.refreshToken).not.toBe(refreshToken)
    expect(refresh).toHaveBeenCalledOnce()
    expect(renewed).toHaveBeenCalledOnce()
    expect(renewed.mock.calls[0]?.[0]).not.toBeInstanceOf(Error)
    expect(failures.join()).not.toMatch(/server/)
    auth.dispose()
  })
})
