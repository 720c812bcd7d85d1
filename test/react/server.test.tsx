// @vitest-environment node
import { renderToString } from 'react-dom/server'
import { describe, expect, it, vi } from 'vitest'
import { AuthProvider, type AuthView, RequireAuth, useAuth, useAuthEvent } from '../../src/react/index.ts'
import { fakeAuth, LOADING, NOBODY, somebody, type User } from './fake-auth.ts'

const Status = () => {
  useAuthEvent('refreshed', () => {})
  const { status, user, problem } = useAuth<User>()
  const selected = useAuth((auth: AuthView<User>) => ({ status: auth.status }))
  return `${status} ${selected.status} ${JSON.stringify([user, problem])}`
}

describe('on a server', () => {
  it('there is no page', () => {
    expect(globalThis.location).toBeUndefined()
  })

  it.each([
    ['somebody', somebody('Ada')],
    ['nobody', NOBODY],
  ])('renders loading, whatever the engine knows: %s', (_, state) => {
    const complain = vi.spyOn(console, 'error')
    const auth = fakeAuth(state)
    const html = renderToString(
      <AuthProvider auth={auth}>
        <Status />
      </AuthProvider>,
    )
    expect(html).toBe('loading loading [null,null]')
    expect(auth.listeners()).toBe(0)
    expect(complain).not.toHaveBeenCalled()
  })

  it('renders what the server knows, if it is handed in', () => {
    const html = renderToString(
      <AuthProvider auth={fakeAuth(LOADING)} initialState={somebody('Ada')}>
        <Status />
        <RequireAuth pending="wait">secret</RequireAuth>
      </AuthProvider>,
    )
    expect(html).toBe('authenticated authenticated [{&quot;name&quot;:&quot;Ada&quot;},null]<!-- -->secret')
  })

  it('RequireAuth renders pending and redirects nobody', () => {
    const navigate = vi.fn()
    const html = renderToString(
      <AuthProvider auth={fakeAuth(NOBODY)}>
        <RequireAuth pending="wait" redirectTo="/sign-in" navigate={navigate}>
          secret
        </RequireAuth>
      </AuthProvider>,
    )
    expect(html).toBe('wait')
    expect(navigate).not.toHaveBeenCalled()
  })
})
