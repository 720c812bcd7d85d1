import { useAuth } from 'keyturn/react'
import { Button } from './button.tsx'
import { Logo } from './logo.tsx'

export function Header() {
  const signOut = useAuth((auth) => auth.signOut)
  return (
    <header className="header">
      <Logo />
      <Button onPress={() => signOut()}>Sign out</Button>
    </header>
  )
}
