// @vitest-environment jsdom
import { act, cleanup, render, renderHook } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Auth } from '../../src/core/types.ts'
import { createAuth, type PasswordCredentials, restBackend } from '../../src/index.ts'
import { AuthProvider, RequireAuth, useAuth, useAuthEvent } from '../../src/react/index.ts'
import { createFakeBrowser, createFakeClock, createMockAuth } from '../../src/testing/index.ts'

const ADA = { email: 'ada@example.test', password: 'correct-horse' }
const MINUTE = 60_000
/** Longer than any machine takes, however busy. */
const PATIENCE = { timeout: 60_000 }

const open: Auth<unknown, never>[] = []
afterEach(() => {
  cleanup()
  for (const auth of open.splice(0)) auth.dispose()
})

/** A browser and a server; each `tab()` is an engine of its own over the same storage. */
function world() {
  const clock = createFakeClock()
  const mock = createMockAuth({ clock, tokenLifetime: 600 })
  const browser = createFakeBrowser({ clock, fetch: mock.fetch })
  const tab = () => {
    const { ports, storage } = browser.openTab()
    const auth = createAuth({ backend: restBackend({ baseUrl: `${mock.origin}/api` }), storage, ports })
    open.push(auth)
    return auth
  }
  const pass = (ms: number) => act(() => clock.advance(ms))
  return { clock, mock, tab, pass }
}

const within =
  (auth: Auth<unknown, PasswordCredentials>) =>
  ({ children }: { children: ReactNode }) => (
    <StrictMode>
      <AuthProvider auth={auth}>{children}</AuthProvider>
    </StrictMode>
  )

/** Signs in on a page that counts its renders and its refreshes. */
async function signedIn(auth: Auth<unknown, PasswordCredentials>, pass: (ms: number) => Promise<void>) {
  const seen = { renders: 0, refreshed: 0 }
  const { result } = renderHook(
    () => {
      seen.renders++
      useAuthEvent('refreshed', () => {
        seen.refreshed++
      })
      return useAuth<{ email: string }, PasswordCredentials>()
    },
    { wrapper: within(auth) },
  )
  const done = result.current.signIn(ADA)
  await pass(0)
  await act(() => done)
  return { result, seen }
}

describe('over the real engine', () => {
  it('shows sign-in and sign-out', async () => {
    const { tab, pass } = world()
    const { result } = await signedIn(tab(), pass)
    expect(result.current.user?.email).toBe(ADA.email)
    const done = result.current.signOut()
    await pass(0)
    await act(() => done)
    expect(result.current.status).toBe('unauthenticated')
  })

  it('renders nothing for ten rotations', async () => {
    const { tab, pass, mock, clock } = world()
    const auth = tab()
    const { result, seen } = await signedIn(auth, pass)
    const { renders } = seen
    const view = result.current
    const before = mock.count('refresh')
    for (let i = 1; i <= 10; i++) {
      await pass((auth.inspect().nextRefreshAt ?? 0) - clock.now())
      // The server signs its tokens in real time, while the clock stands still.
      await vi.waitFor(() => expect(seen.refreshed).toBe(i), PATIENCE)
    }
    expect(mock.count('refresh') - before).toBe(10)
    expect(seen.renders).toBe(renders)
    expect(result.current).toBe(view)
  })

  it('restores an expired session with one refresh, in StrictMode too, and shows pending meanwhile', async () => {
    const { tab, pass, mock, clock } = world()
    const first = tab()
    await signedIn(first, pass)
    first.dispose()
    cleanup()
    await clock.advance(20 * MINUTE)
    const before = mock.count('refresh')
    const navigate = vi.fn()
    const { container } = render(
      <RequireAuth pending="wait" redirectTo="/sign-in" navigate={navigate}>
        secret
      </RequireAuth>,
      { wrapper: within(tab()) },
    )
    expect(container.textContent).toBe('wait')
    await vi.waitFor(async () => {
      await pass(0)
      expect(container.textContent).toBe('secret')
    }, PATIENCE)
    expect(mock.count('refresh') - before).toBe(1)
    expect(navigate).not.toHaveBeenCalled()
  })

  it('follows a sign-out in another tab', async () => {
    const { tab, pass } = world()
    const here = tab()
    const there = tab()
    const { result } = await signedIn(here, pass)
    await vi.waitFor(async () => {
      await pass(0)
      expect(there.getState().status).toBe('authenticated')
    }, PATIENCE)
    const done = there.signOut()
    await act(() => done)
    await pass(0)
    expect(result.current).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
  })
})
