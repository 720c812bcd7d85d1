import { useCallback, useEffect, useState } from 'react'
import { api } from './auth.ts'

export type Loaded<T> =
  | { readonly status: 'loading'; readonly data: null; readonly error: null }
  | { readonly status: 'done'; readonly data: T; readonly error: null }
  | { readonly status: 'failed'; readonly data: null; readonly error: unknown }

const loading = { status: 'loading', data: null, error: null } as const

/** Gets JSON from the API through the app's own axios, which knows nothing of tokens. */
export function useLoad<T>(path: string): Loaded<T> & { readonly retry: () => void } {
  const [result, setResult] = useState<Loaded<T>>(loading)
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn loads again
  useEffect(() => {
    const controller = new AbortController()
    api.get<T>(path, { signal: controller.signal }).then(
      ({ data }) => setResult({ status: 'done', data, error: null }),
      (error) => {
        if (!controller.signal.aborted) setResult({ status: 'failed', data: null, error })
      },
    )
    return () => controller.abort()
  }, [path, turn])
  const retry = useCallback(() => {
    setResult(loading)
    setTurn((n) => n + 1)
  }, [])
  return { ...result, retry }
}
