/** What a channel of supabase-js said to the realtime server. */
export interface Said {
  readonly topic: string
  readonly event: string
  readonly payload: { readonly access_token?: string | null }
}

/** A WebSocket whose server accepts every channel. `said` is what it has heard so far. */
export function fakeSocket(): { readonly said: Said[]; readonly transport: never } {
  const said: Said[] = []
  class Socket {
    readyState = 0
    binaryType = ''
    onopen: (() => void) | null = null
    onmessage: ((event: { readonly data: string }) => void) | null = null
    onclose: ((event: { readonly code: number }) => void) | null = null
    onerror: (() => void) | null = null
    constructor() {
      queueMicrotask(() => {
        this.readyState = 1
        this.onopen?.()
      })
    }
    send(text: string) {
      const [join, reference, topic, event, payload] = JSON.parse(text) as [string, string, string, string, object]
      said.push({ topic, event, payload })
      const reply = { status: 'ok', response: { postgres_changes: [] } }
      queueMicrotask(() => this.onmessage?.({ data: JSON.stringify([join, reference, topic, 'phx_reply', reply]) }))
    }
    close() {
      this.readyState = 3
      this.onclose?.({ code: 1000 })
    }
  }
  return { said, transport: Socket as never }
}
