import { type AuthView, RequireAuth, useAuth } from 'keyturn/react'
import { Dashboard, DashboardSkeleton } from './pages/dashboard.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { StatusLine } from './parts/status-line.tsx'
import { navigate, usePath } from './router.ts'
import type { User } from './user.ts'

export function App() {
  const path = usePath()
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <StatusLine />
      {path === '/sign-in' ? (
        <SignIn />
      ) : (
        <RequireAuth redirectTo="/sign-in" navigate={navigate} pending={<DashboardSkeleton />}>
          <OwnDashboard />
        </RequireAuth>
      )}
    </>
  )
}

/** Begins anew when somebody else signs in, here or in another tab: nothing of one user is shown to the next. */
function OwnDashboard() {
  const user = useAuth((auth: AuthView<User>) => auth.user)
  return user && <Dashboard key={user.id} user={user} />
}
