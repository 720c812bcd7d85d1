import type { ReactNode } from 'react'
import type { Loaded } from '../use-load.ts'
import { failureWords } from '../words.ts'
import { Button } from './button.tsx'

interface LoadingProps<T> {
  readonly result: Loaded<T> & { readonly retry: () => void }
  /** What is loading, as a sentence says it: `your projects`. */
  readonly what: string
  readonly children: (data: T) => ReactNode
}

/** Grey lines, then the data or what went wrong. */
export function Loading<T>({ result, what, children }: LoadingProps<T>) {
  if (result.status === 'done') return children(result.data)
  if (result.status === 'loading') return <Lines label={`Loading ${what}`} />
  return (
    <div className="notice bad" role="alert">
      <p>
        Could not load {what}. {failureWords(result.error)}
      </p>
      <Button onPress={result.retry}>Try again</Button>
    </div>
  )
}

export function Lines({ label, count = 3 }: { label: string; count?: number }) {
  return (
    <div className="lines" aria-busy="true">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: count }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all the same
        <span key={line} className="line" />
      ))}
    </div>
  )
}
