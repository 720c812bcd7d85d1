// @vitest-environment jsdom
import { act, cleanup, render } from '@testing-library/react'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AuthProvider, type AuthView, RequireAuth, useAuth } from '../../src/react/index.ts'
import { type FakeAuth, fakeAuth, LOADING, NOBODY, somebody, type User } from './fake-auth.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const Name = () => useAuth<User>().user?.name ?? 'nobody'
const Status = () => useAuth((auth: AuthView<User>) => ({ status: auth.status })).status

const app = (auth: FakeAuth) => (
  <StrictMode>
    <AuthProvider auth={auth}>
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
function hydrate(auth: FakeAuth) {
  const container = document.createElement('div')
  container.innerHTML = renderToString(app(fakeAuth(NOBODY)))
  document.body.append(container)
  const onRecoverableError = vi.fn()
  const view = render(app(auth), { container, hydrate: true, onRecoverableError })
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
