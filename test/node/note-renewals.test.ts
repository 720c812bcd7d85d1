import { describe, expect, it } from 'vitest'
import { AuthError } from '../../src/core/errors.ts'
import type { Backend, RefreshOutcome } from '../../src/core/types.ts'
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
