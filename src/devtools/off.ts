'use client'
// What is left of the devtools in a production bundle.
import type { ReactNode } from 'react'
import type { AuthDevtoolsProps } from './auth-devtools.tsx'

export const AuthDevtools = (_: AuthDevtoolsProps): ReactNode => null
