// @vitest-environment jsdom
import { act, cleanup, renderHook } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { AuthProvider, useAuthEvent } from '../../src/react/index.ts'
import { fakeAuth, NOBODY, rotation, somebody, type User } from './fake-auth.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function setUp(auth = fakeAuth(NOBODY)) {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StrictMode>
      <AuthProvider auth={auth}>{children}</AuthProvider>
    </StrictMode>
  )
  return { auth, wrapper }
}

describe('useAuthEvent', () => {
  it('calls the listener once for each event of its name, in StrictMode too', () => {
    const { auth, wrapper } = setUp()
    const heard = vi.fn()
    renderHook(() => useAuthEvent('refreshed', heard), { wrapper })
    auth.emit('refreshed', rotation('other_tab'))
    auth.emit('signed_out', { reason: 'rejected', error: null })
    expect(heard.mock.calls).toEqual([[rotation('other_tab')]])
  })

  it('calls the listener of the latest render without subscribing again', () => {
    const { auth, wrapper } = setUp()
    const on = vi.spyOn(auth, 'on')
    const heard: string[] = []
    const { rerender } = renderHook(({ tag }) => useAuthEvent('refreshed', () => heard.push(tag)), {
      wrapper,
      initialProps: { tag: 'first' },
    })
    const subscriptions = on.mock.calls.length
    rerender({ tag: 'second' })
    auth.emit('refreshed', rotation('this_tab'))
    expect(heard).toEqual(['second'])
    expect(on).toHaveBeenCalledTimes(subscriptions)
  })

  it('follows a change of the event name', () => {
    const { auth, wrapper } = setUp()
    const heard = vi.fn()
    const { rerender } = renderHook(({ name }) => useAuthEvent(name, heard), {
      wrapper,
      initialProps: { name: 'refreshed' as 'refreshed' | 'signed_out' },
    })
    rerender({ name: 'signed_out' })
    auth.emit('refreshed', rotation('this_tab'))
    expect(heard).not.toHaveBeenCalled()
    auth.emit('signed_out', { reason: 'rejected', error: null })
    expect(heard).toHaveBeenCalledTimes(1)
  })

  it('is silent after unmounting', () => {
    const { auth, wrapper } = setUp()
    const heard = vi.fn()
    const { unmount } = renderHook(() => useAuthEvent('refreshed', heard), { wrapper })
    unmount()
    auth.emit('refreshed', rotation('this_tab'))
    expect(heard).not.toHaveBeenCalled()
    expect(auth.listeners()).toBe(0)
  })

  it('renders nothing by itself', () => {
    const { auth, wrapper } = setUp(fakeAuth(somebody('Ada')))
    let renders = 0
    renderHook(
      () => {
        renders++
        useAuthEvent('refreshed', () => {})
      },
      { wrapper },
    )
    const before = renders
    act(() => auth.emit('refreshed', rotation('this_tab')))
    expect(renders).toBe(before)
  })

  it('types the payload by the name of the event', () => {
    const Typed = () => {
      useAuthEvent('signed_out', ({ reason }) => expectTypeOf(reason).toBeString())
      useAuthEvent<'signed_in', User>('signed_in', ({ user }) => expectTypeOf(user).toEqualTypeOf<User>())
      // @ts-expect-error: no such event
      useAuthEvent('signedOut', () => {})
    }
    expectTypeOf(Typed).toBeFunction()
  })
})
