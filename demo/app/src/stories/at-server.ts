import auth from '../frame/auth.ts?raw'
import { server } from '../shared/server.ts'
import { type Story, signedIn } from './types.ts'
import { pause, untilBothRefreshed } from './waiting.ts'

/** How long (ms) the server stays down. */
const DOWN = 6_000

const down: Story = {
  path: '/down',
  span: 15,
  title: 'The auth server is down',
  sentence:
    'A server that is down ends no session: Keyturn tries on, and goes on where it was when the server is back.',
  watch:
    'For 6 seconds every refresh is answered 503. Requests fail, and the red bars are tries for a new token; then one gets through. Look at who is still signed in.',
  button: 'Take the auth server down for 6 seconds',
  async provoke(tell) {
    await server.authDown(true)
    await server.expire()
    try {
      tell({ do: 'requests', count: 1 })
      await pause(DOWN)
      await untilBothRefreshed()
    } finally {
      await server.authDown(false)
    }
  },
  judge: (facts) => [signedIn(facts)],
  usual: 'It cannot tell a server that refuses from one that does not answer. Any failed refresh ends in logout().',
  code: [
    {
      name: 'banner.tsx',
      text: `import { useAuth } from 'keyturn/react'

/** Signed in all the same: \`problem\` says that the server cannot be reached, for as long as it cannot. */
export function Banner() {
  const { problem } = useAuth()
  return problem && <p role="status">No connection. Trying again…</p>
}`,
    },
    { name: 'auth.ts', text: auth },
  ],
}

const everywhere: Story = {
  path: '/everywhere',
  span: 5,
  title: 'Signed out everywhere',
  sentence: 'When the server ends the session, every tab says so at once, also one that nobody touches.',
  watch:
    'Tab B sends nothing. Tab A learns of the end by its next request; look at how long tab B goes on showing the person.',
  button: 'End all sessions at the server',
  async provoke(tell) {
    await server.endSessions()
    tell({ do: 'requests', count: 1, tab: 'A' })
  },
  judge: ({ tabs }) => {
    const out = tabs.filter(({ status }) => status === 'out').length
    return [{ text: `${out} of ${tabs.length} tabs say that it is over`, good: out === tabs.length }]
  },
  usual:
    'The tab that asks is logged out. The other goes on showing the person and their data until it sends something.',
  code: [
    {
      name: 'everywhere.tsx',
      text: `import { useAuth } from 'keyturn/react'

export function SignOutEverywhere() {
  const { signOut } = useAuth()
  return <button onClick={() => signOut({ scope: 'global' })}>Sign out on all devices</button>
}`,
    },
    {
      name: 'sign-in.tsx',
      text: `import { useAuth } from 'keyturn/react'

/** \`reason\` tells a person who signed out from one whose session was ended. */
export function Why() {
  const session = useAuth()
  if (session.status !== 'unauthenticated') return null
  return session.reason === 'rejected' ? <p>The server ended your session.</p> : null
}`,
    },
  ],
  polls: 'A',
}

export const atServer = { down, everywhere }
