import type { Auth } from 'keyturn'
import type { AuthFetch } from 'keyturn/fetch'

/**
 * Reads Server-Sent Events by `fetch`, for `EventSource` cannot send a header. It connects again with a fresh token whenever
 * the stream ends, and drops the stream when the person changes. Gives the way to stop.
 */
export function listen(
  auth: Auth,
  authFetch: AuthFetch,
  url: string,
  heard: (data: string) => void,
  pause = 1000,
): () => void {
  let stream = new AbortController()
  let stopped = false
  const read = async ({ signal }: AbortController) => {
    const response = await authFetch(url, { signal, headers: { Accept: 'text/event-stream' } })
    if (!response.ok || !response.body) throw new Error(`The stream answered ${response.status}.`)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (rest + part.value).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) if (!signal.aborted) heard(event.replace(/^data: ?/gm, ''))
    }
  }
  const run = async () => {
    while (!stopped) {
      const mine = stream
      if (auth.getState().status === 'authenticated') await read(mine).catch(() => {})
      if (!mine.signal.aborted) await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  const drop = () => {
    stream.abort()
    stream = new AbortController()
  }
  const off = auth.on('user_changed', drop)
  void run()
  return () => {
    stopped = true
    off()
    drop()
  }
}
