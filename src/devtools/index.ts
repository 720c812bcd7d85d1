'use client'
// The devtools, for the condition `development`. Everywhere else bundlers take off.ts.
export { AuthDevtools, type AuthDevtoolsProps } from './auth-devtools.tsx'
