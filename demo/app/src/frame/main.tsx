import { createRoot } from 'react-dom/client'
import { AuthDevtools } from '../../../../src/devtools/index.ts'
import { IS_STATIC } from '../router.ts'
import { PEOPLE, type Side, type TabName } from '../shared/talk.ts'
import { FrameApp } from './frame-app.tsx'
import { createDesk } from './orders.ts'
import '../styles/frame.css'

const query = new URLSearchParams(location.search)
const side: Side = query.get('side') === 'usual' ? 'usual' : 'keyturn'
const tab: TabName = query.get('tab') === 'B' ? 'B' : 'A'
const label = `Tab ${tab}`

async function start(): Promise<void> {
  const root = document.getElementById('root')
  if (!root) return
  if (IS_STATIC) await (await import('../../../static/start-server.ts')).startServer()
  const kind = query.get('kind')
  const usual = side === 'usual'
  const held = !usual && kind === 'held' ? await import('./auth-held.ts') : null
  const keyturn = usual
    ? null
    : (held ?? (await (kind === 'cookie' ? import('./auth-cookie.ts') : import('./auth.ts'))))
  const session = keyturn
    ? (await import('./keyturn-session.ts')).keyturnSession(keyturn.auth, keyturn.api, label)
    : (await import('./usual-session.ts')).usualSession(label)
  const frame = {
    side,
    tab,
    session,
    alone: !query.has('fresh'),
    form: kind === 'held',
    held: held?.held ?? null,
    polls: query.get('poll')?.includes(tab) ?? false,
  }
  const desk = createDesk(frame)
  createRoot(root).render(
    <>
      <FrameApp frame={frame} desk={desk} />
      {keyturn && query.has('devtools') && <AuthDevtools auth={keyturn.auth as never} initialOpen />}
    </>,
  )
  // The story begins with somebody signed in: the first tab signs in, the other finds it.
  if (tab === 'A' && query.has('fresh')) await session.signIn(PEOPLE[side][0])
}

start().catch((error: Error) => {
  document.body.append(error.message)
})
