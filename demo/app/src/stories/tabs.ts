import auth from '../frame/auth.ts?raw'
import { server } from '../shared/server.ts'
import { failed, refreshes, type Story, signedIn } from './types.ts'

const BURST = 10

const burst: Story = {
  path: '/burst',
  span: 5,
  title: 'A burst of 401s',
  sentence:
    'However many requests meet an expired token, and however late their answers come, the server sees one refresh.',
  watch: `Tab A sends ${BURST} requests. The first 401 asks for a refresh, the others wait for it (thin) and are sent again (thick). Two 401s straggle in when all is over: they need no refresh any more.`,
  button: `Expire the token, send ${BURST} requests`,
  async provoke(tell) {
    await server.expire()
    tell({ do: 'requests', count: BURST, straggle: true, tab: 'A' })
  },
  judge: (facts) => [signedIn(facts), refreshes(facts, 1), failed(facts)],
  usual:
    'Its queue holds while a refresh is under way. A 401 that comes after that starts the next one, though its token had been replaced already.',
  code: [{ name: 'auth.ts', text: auth }],
  polls: '',
}

const two: Story = {
  path: '/tabs',
  span: 3,
  title: 'Two tabs at once',
  sentence: 'Tabs take turns: one asks the server, the others take over what it got.',
  watch:
    'Both tabs get their 401 in the same moment. In one lane the grey lock and the green bar, in the other the amber wait and the diamond.',
  button: 'Expire the token in both tabs',
  async provoke(tell) {
    await server.expire()
    tell({ do: 'requests', count: 3 })
  },
  judge: (facts) => [signedIn(facts), refreshes(facts, 1), failed(facts)],
  usual:
    'Each tab refreshes for itself, both with the same refresh token. A server that rotates takes the second for stolen: both tabs are logged out.',
  code: [{ name: 'auth.ts', text: auth }],
  polls: '',
}

export const tabs = { burst, two }
