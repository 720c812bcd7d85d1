import { useFeed } from '../feed.tsx'
import { Card } from './card.tsx'

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export function EventFeed() {
  const { entries } = useFeed()
  return (
    <Card title="What happened" className="events" intro="The engine’s own events, newest first.">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="scroll" role="log" aria-label="Events" tabIndex={0}>
        {entries.length === 0 ? (
          <p className="hint">Nothing yet. Press something, or wait for the first refresh.</p>
        ) : (
          <ol className="feed">
            {entries.map(({ id, at, tone, text }) => (
              <li key={id} className={tone}>
                <time dateTime={new Date(at).toISOString()}>{time.format(at)}</time>
                <span>{text}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  )
}
