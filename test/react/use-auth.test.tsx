// @vitest-environment jsdom
import { act, cleanup, render, renderHook } from '@testing-library/react'
import { Profiler, type ReactNode, StrictMode, useEffect, useState } from 'react'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { isAuthError } from '../../src/core/errors.ts'
import type { Auth } from '../../src/core/types.ts'
import { AuthProvider, type AuthView, useAuth } from '../../src/react/index.ts'
import {
  type Credentials,
  type FakeAuth,
  fakeAuth,
  LOADING,
  NOBODY,
  rotation,
  somebody,
  type User,
} from './fake-auth.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const within =
  (auth: FakeAuth, strict = false) =>
  ({ children }: { children: ReactNode }) => {
    const tree = <AuthProvider auth={auth}>{children}</AuthProvider>
    return strict ? <StrictMode>{tree}</StrictMode> : tree
  }

/** Renders `hook` under a provider and counts how often the component below it renders. */
function counting<T>(auth: FakeAuth, hook: () => T) {
  let renders = 0
  const view = renderHook(
    () => {
      renders++
      return hook()
    },
    { wrapper: within(auth) },
  )
  return { ...view, renders: () => renders }
}

/** What a render throws, with React's own report of it kept off the screen. */
function failure(run: () => void): unknown {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  try {
    run()
  } catch (error) {
    return error
  }
  return null
}

describe('AuthProvider', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['createAuth itself', () => {}],
    ['a plain object', {}],
  ])('says what to do when given %s', (_, wrong) => {
    const error = failure(() => render(<AuthProvider auth={wrong as unknown as Auth} />))
    expect(isAuthError(error) && error.code).toBe('misconfigured')
    expect(String(error)).toContain('<AuthProvider auth={auth}>')
  })

  it('follows a change of its auth prop and lets go of the old one', () => {
    const first = fakeAuth(somebody('Ada'))
    const second = fakeAuth(somebody('Grace'))
    const Name = () => useAuth<User>().user?.name
    const view = render(
      <AuthProvider auth={first}>
        <Name />
      </AuthProvider>,
    )
    view.rerender(
      <AuthProvider auth={second}>
        <Name />
      </AuthProvider>,
    )
    expect(view.container.textContent).toBe('Grace')
    expect(first.listeners()).toBe(0)
    act(() => second.set(NOBODY))
    expect(view.container.textContent).toBe('')
  })

  it('renders nothing again but its own children when its parent renders', () => {
    const auth = fakeAuth(somebody('Ada'))
    let renders = 0
    const Reader = () => {
      renders++
      useAuth()
      return null
    }
    const reader = <Reader />
    const view = render(<AuthProvider auth={auth}>{reader}</AuthProvider>)
    view.rerender(<AuthProvider auth={auth}>{reader}</AuthProvider>)
    expect(renders).toBe(1)
  })
})

describe('useAuth', () => {
  it('gives state and actions in one object', () => {
    const auth = fakeAuth(NOBODY)
    const { result } = renderHook(() => useAuth(), { wrapper: within(auth) })
    const { signIn, signOut, adopt, refresh, reloadUser, getAccessToken } = auth
    expect(result.current).toEqual({ ...NOBODY, signIn, signOut, adopt, refresh, reloadUser, getAccessToken })
  })

  it('gives the same object to all components as long as the state is the same', () => {
    const auth = fakeAuth(somebody('Ada'))
    const { result, rerender } = renderHook(() => [useAuth(), useAuth()], { wrapper: within(auth) })
    const [one, two] = result.current
    expect(one).toBe(two)
    rerender()
    expect(result.current[0]).toBe(one)
    act(() => auth.set(somebody('Grace')))
    expect(result.current[0]).not.toBe(one)
    expect(result.current[0]).toBe(result.current[1])
  })

  it('renders again at sign-in and at sign-out, once each', async () => {
    const auth = fakeAuth(NOBODY)
    const { result, renders } = counting(auth, () => useAuth<User, Credentials>())
    await act(() => result.current.signIn({ name: 'Ada' }))
    expect(result.current.user).toEqual({ name: 'Ada' })
    expect(renders()).toBe(2)
    await act(() => result.current.signOut())
    expect(result.current.status).toBe('unauthenticated')
    expect(renders()).toBe(3)
  })

  it('renders nothing when tokens rotate', () => {
    const auth = fakeAuth(somebody('Ada'))
    const onRender = vi.fn()
    const Reader = () => useAuth<User>().user?.name
    const Selecting = () => useAuth((a: AuthView<User>) => a.status)
    render(
      <Profiler id="app" onRender={onRender}>
        <AuthProvider auth={auth}>
          <Reader />
          <Selecting />
        </AuthProvider>
      </Profiler>,
    )
    expect(onRender).toHaveBeenCalledTimes(1)
    for (let i = 0; i < 10; i++) {
      act(() => auth.emit('refreshed', rotation(i % 2 ? 'this_tab' : 'other_tab')))
    }
    expect(onRender).toHaveBeenCalledTimes(1)
  })

  it('shows a state that changed between render and subscription', () => {
    const auth = fakeAuth(LOADING)
    const Early = () => {
      useEffect(() => auth.set(somebody('Ada')), [])
      return null
    }
    const Name = () => useAuth<User>().user?.name ?? 'nobody'
    const view = render(
      <AuthProvider auth={auth}>
        <Early />
        <Name />
      </AuthProvider>,
    )
    expect(view.container.textContent).toBe('Ada')
  })

  it('shows a session known at the first render without a loading state first', () => {
    const seen: string[] = []
    renderHook(() => seen.push(useAuth().status), { wrapper: within(fakeAuth(somebody('Ada'))) })
    expect(seen).toEqual(['authenticated'])
  })

  it('works in StrictMode and leaves no listener behind', () => {
    const auth = fakeAuth(LOADING)
    const { result, unmount } = renderHook(() => useAuth<User>(), { wrapper: within(auth, true) })
    act(() => auth.set(somebody('Ada')))
    expect(result.current.user?.name).toBe('Ada')
    expect(auth.listeners()).toBe(1)
    unmount()
    expect(auth.listeners()).toBe(0)
  })

  it('says nothing when a state arrives after unmounting', async () => {
    const complain = vi.spyOn(console, 'error')
    const auth = fakeAuth(NOBODY)
    const { result, unmount, renders } = counting(auth, () => useAuth<User, Credentials>())
    const { signIn } = result.current
    unmount()
    await act(() => signIn({ name: 'Ada' }))
    expect(renders()).toBe(1)
    expect(complain).not.toHaveBeenCalled()
  })

  it('outside of a provider says to add one', () => {
    const error = failure(() => renderHook(() => useAuth()))
    expect(isAuthError(error) && error.code).toBe('misconfigured')
    expect(String(error)).toContain('<AuthProvider auth={auth}>')
  })
})

describe('useAuth with a selector', () => {
  it('renders only when the selected value changes', () => {
    const auth = fakeAuth(somebody('Ada'))
    const { result, renders } = counting(auth, () => useAuth((a: AuthView<User>) => a.status))
    act(() => auth.set(somebody('Grace')))
    expect(renders()).toBe(1)
    act(() => auth.set(NOBODY))
    expect(result.current).toBe('unauthenticated')
    expect(renders()).toBe(2)
  })

  it('compares by Object.is, so NaN equals itself', () => {
    const auth = fakeAuth(somebody('Ada'))
    const { renders } = counting(auth, () => useAuth(() => Number.NaN))
    act(() => auth.set(somebody('Grace')))
    expect(renders()).toBe(1)
  })

  it('may be written inline and build a new object each time', () => {
    const complain = vi.spyOn(console, 'error')
    const auth = fakeAuth(somebody('Ada'))
    const { result, renders, rerender } = counting(auth, () => useAuth((a: AuthView<User>) => ({ name: a.user?.name })))
    expect(renders()).toBe(1)
    rerender()
    expect(renders()).toBe(2)
    act(() => auth.set(somebody('Grace')))
    expect(result.current).toEqual({ name: 'Grace' })
    expect(renders()).toBe(3)
    expect(complain).not.toHaveBeenCalled()
  })

  it('always uses the latest selector', () => {
    const auth = fakeAuth(somebody('Ada'))
    let set: (by: 'status' | 'name') => void = () => {}
    const { result } = renderHook(
      () => {
        const [by, setBy] = useState<'status' | 'name'>('status')
        set = setBy
        return useAuth((a: AuthView<User>) => (by === 'status' ? a.status : a.user?.name))
      },
      { wrapper: within(auth) },
    )
    expect(result.current).toBe('authenticated')
    act(() => set('name'))
    expect(result.current).toBe('Ada')
    act(() => auth.set(somebody('Grace')))
    expect(result.current).toBe('Grace')
  })

  it('selects over the same view that useAuth() returns', () => {
    const auth = fakeAuth(somebody('Ada'))
    const { result } = renderHook(() => [useAuth(), useAuth((a) => a)], { wrapper: within(auth) })
    expect(result.current[0]).toBe(result.current[1])
  })
})

describe('types', () => {
  it('narrow by status, also after destructuring', () => {
    const check = (view: AuthView<User, Credentials>) => {
      const { status, user, problem } = view
      if (status === 'authenticated') {
        expectTypeOf(user).toEqualTypeOf<User>()
      } else {
        expectTypeOf(user).toEqualTypeOf<null>()
      }
      if (view.status === 'unauthenticated') {
        expectTypeOf(view.reason).toBeString()
        expectTypeOf(problem).not.toBeAny()
      }
      // @ts-expect-error: there is a reason only once it is known that nobody is signed in
      view.reason
    }
    expectTypeOf(check).toBeFunction()
  })

  it('take the user and the credentials', () => {
    const Typed = () => {
      const { signIn, user } = useAuth<User, Credentials>()
      expectTypeOf(signIn).parameter(0).toEqualTypeOf<Credentials>()
      expectTypeOf(user).toEqualTypeOf<User | null>()
      expectTypeOf(useAuth()).toHaveProperty('user').toEqualTypeOf<unknown>()
      expectTypeOf(useAuth((a: AuthView<User>) => a.user?.name)).toEqualTypeOf<string | undefined>()
      return null
    }
    expectTypeOf(Typed).toBeFunction()
  })
})
