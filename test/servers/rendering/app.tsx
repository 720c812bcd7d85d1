import { useAuth } from 'keyturn/react'
import type { Person } from './auth.ts'

export function App() {
  const { status, user } = useAuth<Person>()
  return <output>{status === 'authenticated' ? user.email : status}</output>
}
