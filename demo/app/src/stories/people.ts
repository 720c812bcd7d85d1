import authCookie from '../frame/auth-cookie.ts?raw'
import authHeld from '../frame/auth-held.ts?raw'
import usual from '../frame/usual-interceptor.ts?raw'
import { server } from '../shared/server.ts'
import { SIDES } from '../shared/talk.ts'
import { type Check, type Facts, type Story, signedIn } from './types.ts'
import { pause } from './waiting.ts'

const thiefOut = ({ thief }: Facts): Check => ({
  text: thief ? 'The thief is in' : 'The thief is out',
  good: thief !== true,
})

const stolen: Story = {
  path: '/stolen',
  span: 5,
  title: 'A refresh token is stolen',
  sentence: 'A stolen refresh token is found out at its second use, and then the thief is out as well.',
  watch:
    'A thief uses a copy of the refresh token first. With the next renewal the server sees it a second time and ends the session: better signed out than shared.',
  button: 'Let a thief use a copy',
  async provoke(tell) {
    for (const side of SIDES) await server.steal(side)
    await pause(1_500)
    await server.expire()
    tell({ do: 'requests', count: 1, tab: 'A' })
  },
  judge: (facts) => {
    const out = facts.tabs.filter(({ status }) => status === 'out').length
    return [
      thiefOut(facts),
      { text: `${out} of ${facts.tabs.length} tabs say that it is over`, good: out === facts.tabs.length },
    ]
  },
  usual:
    'The thief is out here too, for it is the server that finds out. But the other tab is not told. And its own tabs look like thieves, whenever two of them refresh at once; Keyturn uses each refresh token once.',
  code: [
    {
      name: 'tell.tsx',
      text: `import { useAuthEvent } from 'keyturn/react'

export function Tell() {
  useAuthEvent('signed_out', ({ reason, error }) => {
    // The server's own word: refresh_token_already_used, session_not_found, …
    if (reason === 'rejected') console.warn('Signed out by the server:', error?.serverCode)
  })
  return null
}`,
    },
  ],
  polls: 'A',
}

const another: Story = {
  path: '/person',
  span: 5,
  title: 'Another person signs in',
  sentence:
    'When another person signs in, no tab goes on under the old name, and no request of the one is sent as the other.',
  watch: 'Somebody else signs in in tab B. Look at the name in tab A, and at whom the server answers there.',
  button: 'Sign in as somebody else in tab B',
  async provoke(tell) {
    tell({ do: 'sign in', person: 1, tab: 'B' })
    await pause(600)
    tell({ do: 'requests', count: 1 })
  },
  judge: ({ tabs }) => {
    const wrong = tabs.filter(({ shown, answeredAs }) => shown !== answeredAs)
    return wrong.length
      ? wrong.map(({ tab, shown, answeredAs }) => ({
          text: `Tab ${tab} shows ${shown}, the server answers ${answeredAs}`,
          good: false,
        }))
      : [{ text: 'Every tab shows whom the server answers', good: true }]
  },
  usual: 'The token in localStorage is replaced under the feet of tab A. It shows one person and acts as another.',
  code: [
    {
      name: 'query-client.ts',
      text: `import { auth } from './auth'

// Before any state changes, in every tab: drop what belongs to the person before.
auth.on('user_changed', () => queryClient.clear())`,
    },
  ],
}

const httpOnly: Story = {
  path: '/http-only',
  span: 5,
  title: 'A session in an HttpOnly cookie',
  sentence:
    'What scripts cannot read they cannot steal: the refresh token can live in an HttpOnly cookie, and tabs still take turns.',
  watch:
    'A script that got into the page reads all cookies and all storage, and tries each text as a refresh token. Then both tabs need a new token.',
  button: 'Let a script read everything',
  async provoke(tell) {
    tell({ do: 'read everything', tab: 'A' })
    await pause(1_500)
    await server.expire()
    tell({ do: 'requests', count: 2 })
  },
  judge: (facts) => {
    const found = facts.tabs.find(({ tab }) => tab === 'A')?.found
    return [
      {
        text: found ? 'The script has found the refresh token' : 'The script has found no refresh token',
        good: !found,
      },
      signedIn(facts),
    ]
  },
  usual:
    'localStorage is open to every script of the page. The thief has used the token, so the person is signed out next.',
  withoutServer:
    'In this tour the server is a worker in your browser, and a worker cannot set an HttpOnly cookie. It keeps the refresh token itself, where no script of a page can read it either. Only a real server gives a real cookie.',
  code: [
    { name: 'auth.ts', text: authCookie },
    { name: 'usual-interceptor.ts', text: usual },
  ],
  kind: 'cookie',
}

const draft: Story = {
  path: '/draft',
  span: 8,
  title: 'The session ends while somebody writes',
  sentence:
    'Nobody loses a half-written letter: the request waits while the same person signs in again over the page, and then goes on.',
  watch:
    'The server ends the session, and in tab A somebody saves a letter. Sign in again in the frame: the request that waited is sent again. Count the letters that are left.',
  button: 'End the session and save the letter',
  async provoke(tell) {
    await server.endSessions()
    tell({ do: 'save', tab: 'A' })
  },
  judge: ({ tabs }) => {
    const letter = tabs.find(({ tab }) => tab === 'A')?.draft
    const words = { kept: 'The letter is still there', saved: 'The letter is saved', lost: 'The letter is lost' }
    return [{ text: words[letter ?? 'lost'], good: letter !== 'lost' }]
  },
  usual: 'The refresh fails, logout() takes the person to the sign-in page, and what was typed goes with the page.',
  code: [
    { name: 'auth.ts', text: authHeld },
    {
      name: 'sign-in-dialog.tsx',
      text: `import { useSyncExternalStore } from 'react'
import { held } from './auth'

export function SignInDialog() {
  const waiting = useSyncExternalStore(held.subscribe, held.count)
  return waiting > 0 && <dialog open><SignIn /><button onClick={held.giveUp}>Not now</button></dialog>
}`,
    },
  ],
  polls: '',
  kind: 'held',
}

export const people = { stolen, another, httpOnly, draft }
