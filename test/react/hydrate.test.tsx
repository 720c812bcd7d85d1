// @vitest-environment jsdom
import { act, cleanup, render } from '@testing-library/react'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../src/core/errors.ts'
import type { AuthState } from '../../src/core/types.ts'
import { AuthProvider, type AuthView, RequireAuth, useAuth } from '../../src/react/index.ts'
import { type FakeAuth, fakeAuth, LOADING, NOBODY, somebody, type User } from './fake-auth.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const Name = () => useAuth<User>().user?.name ?? 'nobody'
const Status = () => useAuth((auth: AuthView<User>) => ({ status: auth.status })).status

const app = (auth: FakeAuth, initialState?: AuthState<User>) => (
  <StrictMode>
    <AuthProvider auth={auth} initialState={initialState}>
      <p>
        <Name />
      </p>
      <p>
        <Status />
      </p>
      <RequireAuth pending={<i>wait</i>} fallback={<i>sign in</i>}>
        <b>secret</b>
      </RequireAuth>
    </AuthProvider>
  </StrictMode>
)

/** Sends the page as a server would, then starts the app on it in a browser that knows more. */
function hydrate(auth: FakeAuth, initialState?: AuthState<User>) {
  const container = document.createElement('div')
  container.innerHTML = renderToString(app(fakeAuth(NOBODY), initialState))
  document.body.append(container)
  const onRecoverableError = vi.fn()
  const view = render(app(auth, initialState), { container, hydrate: true, onRecoverableError })
  return { ...view, onRecoverableError }
}

describe('hydrating a page from the server', () => {
  it.each([
    ['somebody', somebody('Ada'), 'Adaauthenticatedsecret'],
    ['nobody', NOBODY, 'nobodyunauthenticatedsign in'],
    ['not known yet', LOADING, 'nobodyloadingwait'],
  ])('begins with what the server sent, then shows the real state: %s', (_, state, text) => {
    const complain = vi.spyOn(console, 'error')
    const { container, onRecoverableError } = hydrate(fakeAuth(state))
    expect(container.textContent).toBe(text)
    expect(complain).not.toHaveBeenCalled()
    expect(onRecoverableError).not.toHaveBeenCalled()
  })

  it('follows the session from then on', () => {
    const auth = fakeAuth(LOADING)
    const { container } = hydrate(auth)
    act(() => auth.set(somebody('Grace')))
    expect(container.textContent).toBe('Graceauthenticatedsecret')
  })
})

describe('with what the server knew', () => {
  it('nobody sees loading: not before, not while hydrating, and not until the engine knows', () => {
    const complain = vi.spyOn(console, 'error')
    const auth = fakeAuth(LOADING)
    const { container, onRecoverableError } = hydrate(auth, somebody('Ada'))
    expect(container.textContent).toBe('Adaauthenticatedsecret')
    act(() => auth.set(somebody('Ada')))
    expect(container.textContent).toBe('Adaauthenticatedsecret')
    expect(complain).not.toHaveBeenCalled()
    expect(onRecoverableError).not.toHaveBeenCalled()
  })

  it('while the server of the tokens cannot be reached the person stays, with the problem', () => {
    const auth = fakeAuth(LOADING)
    const Problem = () => useAuth().problem?.code ?? 'none'
    const { container } = render(
      <AuthProvider auth={auth} initialState={somebody('Ada')}>
        <Name /> <Problem />
      </AuthProvider>,
    )
    expect(container.textContent).toBe('Ada none')
    act(() => auth.set({ status: 'loading', user: null, problem: new AuthError('unavailable', 'down') }))
    expect(container.textContent).toBe('Ada unavailable')
  })

  it('what the engine knows counts more', () => {
    const auth = fakeAuth(LOADING)
    const { container } = hydrate(auth, somebody('Ada'))
    act(() => auth.set(NOBODY))
    expect(container.textContent).toBe('nobodyunauthenticatedsign in')
  })

  it('where the server could not tell, it is as without it', () => {
    const { container } = hydrate(fakeAuth(LOADING), LOADING)
    expect(container.textContent).toBe('nobodyloadingwait')
  })
})
