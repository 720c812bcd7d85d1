import auth from '../frame/auth.ts?raw'
import { server } from '../shared/server.ts'
import { failed, refreshes, type Story, signedIn, waited } from './types.ts'
import { untilBothRefreshed } from './waiting.ts'

const HOUR = 3_600

const expiry: Story = {
  path: '/expiry',
  span: 14,
  title: 'A token expires',
  sentence: 'A token is renewed before it runs out, so that no request waits for a new one and none meets a 401.',
  watch:
    'Before its 6 seconds are over, one tab asks the server for a new token (the green bar) and the other takes over (the diamond). The requests go on as if nothing were. With the usual interceptor the token runs out first, and then a request waits (thin, amber).',
  button: 'Let tokens live 6 seconds',
  async provoke(tell) {
    await server.lifetime(6)
    // Those of now live longer: the first tabs sign in anew.
    tell({ do: 'sign in', person: 0, tab: 'A' })
    // There is no difference to look at before the first token has run out.
    await untilBothRefreshed()
  },
  judge: (facts) => [signedIn(facts), waited(facts), failed(facts)],
  usual:
    'It looks at the token when a request is about to be sent. Once in each life of a token a request waits for the refresh, and so does the person who sent it. When both tabs come to it at once, the server takes the second refresh for a thief’s, and they are logged out.',
  code: [{ name: 'auth.ts', text: auth }],
}

const sleep: Story = {
  path: '/sleep',
  span: 5,
  title: 'The laptop has slept',
  sentence: 'After an hour of sleep every tab wakes with a dead token, and still the server sees one refresh.',
  watch: 'Both tabs want a new token in the same moment. One has the lock and asks, the other waits and takes over.',
  button: 'Sleep for an hour',
  async provoke(tell) {
    await server.pass(HOUR)
    tell({ do: 'wake', slept: HOUR * 1_000 })
  },
  judge: (facts) => [signedIn(facts), refreshes(facts, 1), failed(facts)],
  usual:
    'Each tab has a queue of its own and knows nothing of the other. Both send the same refresh token; the server takes the second one for stolen and ends the session.',
  code: [{ name: 'auth.ts', text: auth }],
  // A request between the two clocks would be of neither.
  polls: '',
}

const clock: Story = {
  path: '/clock',
  span: 12,
  title: 'The clocks disagree',
  sentence: 'A wrong clock does no harm: a token’s life is counted from the moment it arrived.',
  watch:
    'The server’s clock goes back three hours, so that each new token looks as if it had expired long ago. Count the refreshes.',
  button: 'Set the server’s clock back 3 hours',
  async provoke(tell) {
    await server.pass(-3 * HOUR)
    tell({ do: 'sign in', person: 0, tab: 'A' })
  },
  judge: (facts) => [signedIn(facts), refreshes(facts, 0), failed(facts)],
  usual:
    'It compares exp with the clock of the device. By that each new token has expired, so that it refreshes before each request, until two tabs do so at once and are logged out.',
  code: [
    {
      name: 'anywhere.ts',
      text: `import { auth } from './auth'

// How far the server's clock is ahead, in ms. It is measured with each token, and kept for the next page load.
const { skew, expiresAt } = auth.inspect()`,
    },
    { name: 'auth.ts', text: auth },
  ],
}

export const time = { expiry, sleep, clock }
