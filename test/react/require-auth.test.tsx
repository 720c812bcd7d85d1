// @vitest-environment jsdom
import { act, cleanup, render } from '@testing-library/react'
import { StrictMode, useState } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../src/core/errors.ts'
import { AuthProvider, RequireAuth, type RequireAuthProps } from '../../src/react/index.ts'
import { type FakeAuth, fakeAuth, LOADING, NOBODY, somebody } from './fake-auth.ts'

const goTo = vi.hoisted(() => vi.fn())
vi.mock('../../src/browser/page.ts', async (original) => ({
  ...(await original<typeof import('../../src/browser/page.ts')>()),
  goTo,
}))

beforeEach(() => {
  history.replaceState(null, '', '/reports?year=2026#top')
})

afterEach(() => {
  cleanup()
  goTo.mockReset()
})

const guard = (auth: FakeAuth, props: RequireAuthProps = {}) => (
  <AuthProvider auth={auth}>
    <RequireAuth {...props}>secret</RequireAuth>
  </AuthProvider>
)

/** What a router's navigate does to the address. */
const go = (path: string) => history.pushState(null, '', path)

describe('RequireAuth', () => {
  it('shows the children to whoever is signed in', () => {
    const { container } = render(guard(fakeAuth(somebody('Ada')), { fallback: 'sign in', pending: 'wait' }))
    expect(container.textContent).toBe('secret')
  })

  it('goes on showing them while the server cannot be reached', () => {
    const problem = new AuthError('unavailable', 'offline')
    const { container } = render(guard(fakeAuth({ ...somebody('Ada'), problem } as never), { fallback: 'sign in' }))
    expect(container.textContent).toBe('secret')
  })

  it('shows pending while loading, nothing by default, and redirects nobody', () => {
    const navigate = vi.fn()
    const { container, rerender } = render(guard(fakeAuth(LOADING), { pending: 'wait', fallback: 'sign in' }))
    expect(container.textContent).toBe('wait')
    rerender(guard(fakeAuth(LOADING), { redirectTo: '/sign-in', navigate }))
    expect(container.textContent).toBe('')
    expect(navigate).not.toHaveBeenCalled()
  })

  it('shows the fallback to others, nothing by default', () => {
    const auth = fakeAuth(NOBODY)
    const { container, rerender } = render(guard(auth, { fallback: 'sign in' }))
    expect(container.textContent).toBe('sign in')
    rerender(guard(auth))
    expect(container.textContent).toBe('')
  })

  it('hides the children at once when the session ends', () => {
    const auth = fakeAuth(somebody('Ada'))
    const { container } = render(guard(auth, { fallback: 'sign in' }))
    act(() => auth.set(NOBODY))
    expect(container.textContent).toBe('sign in')
  })

  it('goes to the sign-in page with the current path to return to', () => {
    render(guard(fakeAuth(NOBODY), { redirectTo: '/sign-in' }))
    expect(goTo.mock.calls).toEqual([['/sign-in?returnTo=%2Freports%3Fyear%3D2026%23top']])
  })

  it('adds the return path to a query that is there already', () => {
    render(guard(fakeAuth(NOBODY), { redirectTo: '/sign-in?lang=en' }))
    expect(goTo.mock.calls).toEqual([['/sign-in?lang=en&returnTo=%2Freports%3Fyear%3D2026%23top']])
  })

  it('uses the navigate function it is given', () => {
    const navigate = vi.fn(go)
    render(guard(fakeAuth(NOBODY), { redirectTo: '/sign-in', navigate }))
    expect(navigate).toHaveBeenCalledTimes(1)
    expect(location.pathname).toBe('/sign-in')
    expect(goTo).not.toHaveBeenCalled()
  })

  it.each(['/sign-in', '/sign-in/', '/sign-in?returnTo=%2Freports', '/sign-in#form'])(
    'stays where it is on the sign-in page itself: %s',
    (path) => {
      history.replaceState(null, '', path)
      render(guard(fakeAuth(NOBODY), { redirectTo: '/sign-in' }))
      expect(goTo).not.toHaveBeenCalled()
    },
  )

  it('takes a path that only begins like the sign-in page for another one', () => {
    history.replaceState(null, '', '/sign-in-help')
    render(guard(fakeAuth(NOBODY), { redirectTo: '/sign-in' }))
    expect(goTo).toHaveBeenCalledTimes(1)
  })

  it('redirects once, in StrictMode and with a new navigate function at each render', () => {
    const calls: string[] = []
    let again = () => {}
    const App = () => {
      const [, set] = useState(0)
      again = () => set((n) => n + 1)
      const navigate = (path: string) => {
        calls.push(path)
        go(path)
        again()
      }
      return guard(auth, { redirectTo: '/sign-in', navigate })
    }
    const auth = fakeAuth(NOBODY)
    render(
      <StrictMode>
        <App />
      </StrictMode>,
    )
    act(() => again())
    act(() => again())
    expect(calls).toHaveLength(1)
  })

  it('redirects once when the router takes its time and renders follow each other', () => {
    const calls: string[] = []
    const auth = fakeAuth(NOBODY)
    const slow = () => guard(auth, { redirectTo: '/sign-in', navigate: (path) => calls.push(path) })
    const { rerender } = render(slow())
    rerender(slow())
    rerender(slow())
    expect(calls).toHaveLength(1)
  })

  it('redirects again when a later session ends', () => {
    const navigate = vi.fn(go)
    const auth = fakeAuth(NOBODY)
    render(guard(auth, { redirectTo: '/sign-in', navigate }))
    act(() => auth.set(somebody('Ada')))
    go('/reports')
    act(() => auth.set({ ...NOBODY, reason: 'rejected' } as never))
    expect(navigate.mock.calls).toEqual([
      ['/sign-in?returnTo=%2Freports%3Fyear%3D2026%23top'],
      ['/sign-in?returnTo=%2Freports'],
    ])
  })

  it('shows the fallback while the sign-in page is on its way', () => {
    const { container } = render(guard(fakeAuth(NOBODY), { redirectTo: '/sign-in', fallback: 'one moment' }))
    expect(container.textContent).toBe('one moment')
  })

  it('has no use for navigate without redirectTo, and its type says so', () => {
    // @ts-expect-error: navigate without redirectTo does nothing
    const wrong: RequireAuthProps = { navigate: go }
    render(guard(fakeAuth(NOBODY), wrong))
    expect(location.pathname).toBe('/reports')
  })
})
