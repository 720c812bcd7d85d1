import type { ReactNode } from 'react'

const MEANINGS = [
  ['attempt good', 'asks the server'],
  ['lock', 'has the lock'],
  ['lock-waiting', 'waits for the lock'],
  ['adopted', 'takes over'],
  ['sent', 'request'],
  ['waiting', 'waits for a token'],
  ['repeated', 'sent again'],
  ['refused', 'refused'],
] as const

/** What the shapes of the timeline mean. */
export function Legend(): ReactNode {
  return (
    <ul className="legend" aria-label="What the shapes mean">
      {MEANINGS.map(([shape, meaning]) => (
        <li key={shape}>
          <svg width={18} height={12} aria-hidden="true">
            {shape === 'adopted' ? (
              <path className="mark adopted good" d="M9 1l5 5l-5 5l-5 -5z" />
            ) : shape === 'refused' ? (
              <path className="mark bad cross" d="M6 3l6 6m0 -6l-6 6" />
            ) : (
              <rect
                className={`bar ${shape}`}
                x={1}
                width={16}
                y={shape === 'lock' ? 1 : shape === 'repeated' ? 3 : shape === 'waiting' ? 5 : 4}
                height={shape === 'lock' ? 10 : shape === 'repeated' ? 6 : shape === 'waiting' ? 2 : 4}
              />
            )}
          </svg>
          {meaning}
        </li>
      ))}
    </ul>
  )
}
