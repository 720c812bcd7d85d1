import { useAuth } from 'keyturn/react'
import type { Person } from '../auth'

export default function Home() {
  const { status, user } = useAuth<Person>()
  return <output>{status === 'authenticated' ? user.email : status}</output>
}
