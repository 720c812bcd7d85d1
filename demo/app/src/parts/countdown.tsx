import type { Inspected } from '../use-inspection.ts'
import { clock } from '../words.ts'

/** The life of the access token as a bar that runs down, with a mark where the next refresh is due. */
export function Countdown({ seen }: { seen: Inspected }) {
  const { receivedAt, expiresAt, nextRefreshAt, now, refreshing } = seen
  if (receivedAt === null || expiresAt === null) return <p className="hint">The token does not say when it expires.</p>
  const life = Math.max(1, expiresAt - receivedAt)
  const share = (at: number) => Math.min(100, Math.max(0, ((expiresAt - at) / life) * 100))
  const left = Math.max(0, expiresAt - now)
  return (
    <div className="countdown">
      <p className="clock">
        <span className="digits">{clock(left)}</span>{' '}
        {refreshing
          ? 'getting a new token…'
          : left > 0
            ? 'until the access token expires'
            : 'the access token has expired'}
      </p>
      {/* Hidden from screen readers: the line above says it. */}
      <div className="bar" aria-hidden="true">
        <span className="fill" style={{ inlineSize: `${share(now)}%` }} />
        {nextRefreshAt !== null && nextRefreshAt < expiresAt && (
          <span className="mark" style={{ insetInlineStart: `${share(nextRefreshAt)}%` }} />
        )}
      </div>
    </div>
  )
}
