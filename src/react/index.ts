'use client'

// Left out on purpose: a higher-order component and a render-prop (hooks do both), a `useUser` (`useAuth((a) => a.user)`
// is one), and any way to the raw engine (import your own `auth` object for that).
export type { AuthProviderProps } from './context.ts'
export { AuthProvider } from './context.ts'
export type { RequireAuthProps } from './require-auth.ts'
export { RequireAuth } from './require-auth.ts'
export { readReturnPath } from './return-path.ts'
export type { AuthTypes, AuthView, DefaultCredentials, DefaultUser } from './types.ts'
export { useAuth } from './use-auth.ts'
export { useAuthEvent } from './use-auth-event.ts'
