import { useLoad } from '../use-load.ts'
import { spoken } from '../words.ts'
import { Card } from './card.tsx'
import { Loading } from './loading.tsx'

interface Entry {
  readonly id: string
  readonly text: string
  readonly minutesAgo: number
}

export function Activity() {
  const result = useLoad<{ activity: readonly Entry[] }>('/activity')
  return (
    <Card title="Activity">
      <Loading result={result} what="the activity">
        {({ activity }) => (
          <ul className="rows">
            {activity.map(({ id, text, minutesAgo }) => (
              <li key={id}>
                <span className="grow">{text}</span>
                <span className="hint">{spoken(minutesAgo * 60_000)} ago</span>
              </li>
            ))}
          </ul>
        )}
      </Loading>
    </Card>
  )
}
