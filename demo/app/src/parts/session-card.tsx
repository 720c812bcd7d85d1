import { useAuth } from 'keyturn/react'
import type { ReactNode } from 'react'
import { type Inspected, useInspection } from '../use-inspection.ts'
import { useOnline } from '../use-online.ts'
import { nameOf, type User } from '../user.ts'
import { clock, count, sentence, spoken } from '../words.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Countdown } from './countdown.tsx'

export function SessionCard({ user }: { user: User }) {
  const { problem, signOut } = useAuth()
  const online = useOnline()
  const seen = useInspection()
  return (
    <Card title="Your session" className="session" intro="What auth.inspect() tells. No token in it.">
      <div className="person">
        <span className="avatar" aria-hidden="true">
          {nameOf(user).charAt(0)}
        </span>
        <p>
          <strong>{nameOf(user)}</strong>
          <br />
          <span className="hint">{user.email}</span>
        </p>
        <span className={`pill ${problem ? 'bad' : 'good'}`}>{problem ? 'Signed in, with trouble' : 'Signed in'}</span>
      </div>
      {problem && (
        <p className="notice bad">
          {sentence(problem.message)} You stay signed in; Keyturn goes on trying and your requests fail until it gets
          through.
        </p>
      )}
      {!online && <p className="notice bad">This browser says that it is offline.</p>}
      <Countdown seen={seen} />
      <dl className="facts">
        <Fact name="Next refresh">{nextRefresh(seen)}</Fact>
        <Fact name="Last refresh">{lastRefresh(seen)}</Fact>
        <Fact name="Lock between tabs">{locks[seen.lock]}</Fact>
        <Fact name="Failed tries">
          {seen.failures === 0 ? 'none' : count(seen.failures, 'try').replace('trys', 'tries')}
        </Fact>
        <Fact name="Stored">{seen.persisted ? 'in cookies' : 'only in this tab’s memory'}</Fact>
        <Fact name="Session">
          <code>{seen.sessionId?.slice(0, 8)}</code>
        </Fact>
      </dl>
      <div className="buttons">
        <Button onPress={() => signOut({ scope: 'global' })}>Sign out everywhere</Button>
      </div>
    </Card>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const locks: Readonly<Record<Inspected['lock'], string>> = {
  none: 'not needed now',
  waiting: 'waiting for another tab',
  held: 'held by this tab',
}

function nextRefresh({ nextRefreshAt, refreshing, now }: Inspected): string {
  if (refreshing) return 'right now'
  if (nextRefreshAt === null || nextRefreshAt === Infinity) return 'none planned'
  return nextRefreshAt <= now ? 'any moment' : `in ${clock(nextRefreshAt - now)}`
}

function lastRefresh({ lastRefreshAt, lastRefreshBy, now }: Inspected): string {
  if (lastRefreshAt === null) return 'none since the page was loaded'
  return `${spoken(now - lastRefreshAt)} ago, by ${lastRefreshBy === 'this_tab' ? 'this tab' : 'another tab'}`
}
