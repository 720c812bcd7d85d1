'use client'

import type { AuthState } from 'keyturn'
import { AuthProvider } from 'keyturn/react'
import { type ReactNode, useEffect } from 'react'
import { auth } from './auth'

export function Providers({ state, children }: { readonly state: AuthState; readonly children: ReactNode }) {
  useEffect(() => {
    Object.assign(window, { auth })
  }, [])
  return (
    <AuthProvider auth={auth} initialState={state}>
      {children}
    </AuthProvider>
  )
}
