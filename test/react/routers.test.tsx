// @vitest-environment jsdom
import { act, cleanup, render } from '@testing-library/react'
import { type ReactNode, useRef } from 'react'
import {
  BrowserRouter,
  HashRouter,
  MemoryRouter,
  Route,
  Routes,
  useLocation,
  useNavigate,
  useSearchParams,
} from 'react-router'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AuthProvider, RequireAuth, readReturnPath } from '../../src/react/index.ts'
import { type FakeAuth, fakeAuth, NOBODY, somebody } from './fake-auth.ts'

const goTo = vi.hoisted(() => vi.fn())
vi.mock('../../src/browser/page.ts', async (original) => ({
  ...(await original<typeof import('../../src/browser/page.ts')>()),
  goTo,
}))

const trail: string[] = []
/** More than any redirect needs, and few enough that a loop ends. */
const ENOUGH = 20

beforeEach(() => {
  trail.length = 0
  history.replaceState(null, '', '/')
})
afterEach(() => {
  cleanup()
  goTo.mockReset()
})

/** Guards every page of the app, the sign-in page too, and is mounted anew at each: what made the loops. */
function Guarded({ redirectTo, handIn }: { readonly redirectTo: string; readonly handIn: boolean }) {
  const navigate = useNavigate()
  const { pathname, search, hash } = useLocation()
  const here = pathname + search + hash
  const go = (path: string) => {
    trail.push(path)
    if (trail.length < ENOUGH) void navigate(path, { replace: true })
  }
  const guard = (
    <RequireAuth
      key={here}
      redirectTo={redirectTo}
      navigate={go}
      fallback={<SignIn />}
      {...(handIn ? { currentPath: here } : {})}
    >
      <p>secret of {here}</p>
    </RequireAuth>
  )
  return (
    <Routes>
      <Route path="*" element={guard} />
    </Routes>
  )
}

function SignIn() {
  const [params] = useSearchParams()
  return <p>come back to {readReturnPath(`?${params}`, 'nowhere')}</p>
}

type Router = (props: { readonly children: ReactNode }) => ReactNode

function open(Router: Router, redirectTo: string, handIn: boolean, auth: FakeAuth = fakeAuth(NOBODY)) {
  const { container } = render(
    <AuthProvider auth={auth}>
      <Router>
        <Guarded redirectTo={redirectTo} handIn={handIn} />
      </Router>
    </AuthProvider>,
  )
  return container
}

const browser =
  (address: string, basename?: string): Router =>
  ({ children }) => {
    const first = useRef(true)
    if (first.current) history.replaceState(null, '', address)
    first.current = false
    return <BrowserRouter {...(basename ? { basename } : {})}>{children}</BrowserRouter>
  }
const hash =
  (address: string): Router =>
  ({ children }) => {
    const first = useRef(true)
    if (first.current) history.replaceState(null, '', address)
    first.current = false
    return <HashRouter>{children}</HashRouter>
  }
const memory =
  (path: string): Router =>
  ({ children }) => <MemoryRouter initialEntries={[path]}>{children}</MemoryRouter>

const routers: [name: string, router: Router, handIn: boolean][] = [
  ['of the address bar', browser('/reports?y=1'), false],
  ['of the address bar, path handed in', browser('/reports?y=1'), true],
  ['with a basename, path handed in', browser('/app/reports?y=1', '/app'), true],
  ['of the hash, path handed in', hash('/#/reports?y=1'), true],
  ['in memory, path handed in', memory('/reports?y=1'), true],
]

describe.each(routers)('with a router %s', (_, router, handIn) => {
  test.each(['/sign-in', '/sign in', '/anmelden-für', '/Sign-In/', `${location.origin}/sign-in`, '/sign-in?lang=en'])(
    'one redirect to %s, and a return path that the router understands',
    (redirectTo) => {
      const container = open(router, redirectTo, handIn)
      expect(trail).toHaveLength(1)
      expect(container.textContent).toBe('come back to /reports?y=1')
      expect(goTo).not.toHaveBeenCalled()
    },
  )

  test('whoever signs out here or in another tab leaves no return path', () => {
    for (const reason of ['signed_out', 'other_tab'] as const) {
      trail.length = 0
      const auth = fakeAuth(somebody('Ada'))
      const container = open(router, '/sign-in', handIn, auth)
      expect(container.textContent).toBe('secret of /reports?y=1')
      act(() => auth.set({ ...NOBODY, reason } as never))
      expect(trail).toEqual(['/sign-in'])
      expect(container.textContent).toBe('come back to nowhere')
      cleanup()
    }
  })

  test('whose session ends otherwise comes back', () => {
    const auth = fakeAuth(somebody('Ada'))
    const container = open(router, '/sign-in', handIn, auth)
    act(() => auth.set({ ...NOBODY, reason: 'rejected' } as never))
    expect(container.textContent).toBe('come back to /reports?y=1')
  })
})

describe('where the path is not handed in', () => {
  test.each<[string, Router, string]>([
    ['a basename', browser('/app/reports', '/app'), '/sign-in'],
    ['a basename, after a sign-out', browser('/app/reports', '/app'), '/sign-in'],
    ['a hash router', hash('/#/reports'), '/sign-in'],
  ])('%s makes no loop', (name, router, redirectTo) => {
    const auth = fakeAuth(name.includes('sign-out') ? ({ ...NOBODY, reason: 'signed_out' } as never) : NOBODY)
    open(router, redirectTo, false, auth)
    expect(trail).toHaveLength(1)
  })

  test('an address of the hash redirects by the address bar, and comes back by it', () => {
    history.replaceState(null, '', '/#/reports')
    const auth = fakeAuth(NOBODY)
    const guard = (
      <AuthProvider auth={auth}>
        <RequireAuth redirectTo="/#/sign-in" />
      </AuthProvider>
    )
    render(guard)
    expect(goTo.mock.calls).toEqual([['/#/sign-in?returnTo=%2F%23%2Freports']])
    history.replaceState(null, '', goTo.mock.calls[0]?.[0])
    cleanup()
    render(guard)
    expect(goTo).toHaveBeenCalledTimes(1)
    expect(readReturnPath(location.hash)).toBe('/#/reports')
  })
})

test('a sign-in page of another origin is left to the browser', () => {
  open(browser('/reports'), 'https://login.example.test/sign-in', true)
  expect(trail).toEqual([])
  expect(goTo.mock.calls).toEqual([['https://login.example.test/sign-in?returnTo=%2Freports']])
})

test('within one guard, each page that needs a session leads to the sign-in page anew', () => {
  const calls: string[] = []
  const at = (currentPath: string) => (
    <AuthProvider auth={auth}>
      <RequireAuth redirectTo="/sign-in" navigate={(path) => calls.push(path)} currentPath={currentPath} />
    </AuthProvider>
  )
  const auth = fakeAuth(NOBODY)
  const { rerender } = render(at('/a'))
  rerender(at('/a'))
  rerender(at('/sign-in?returnTo=%2Fa'))
  rerender(at('/b'))
  expect(calls).toEqual(['/sign-in?returnTo=%2Fa', '/sign-in?returnTo=%2Fb'])
})
