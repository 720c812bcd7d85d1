'use client'

import { useAuth } from 'keyturn/react'
import type { Person } from './auth'

export default function Page() {
  const { status, user } = useAuth<Person>()
  return <output>{status === 'authenticated' ? user.email : status}</output>
}
