/** A request, reduced to what the handler reads. Cheap to make from a `Request` as well as from Node's own. */
export interface Incoming {
  readonly method: string
  readonly path: string
  /** What follows the `?`, without it. */
  readonly query: string
  /** The peer's address, where it is known: strangers are counted by it. */
  readonly address: string
  /** By its name in lower case. */
  header(name: string): string | undefined
  /** The body; null if it is larger than `limit` bytes. Rejects if the request breaks off. */
  body(limit: number): Promise<Uint8Array | null>
}

export interface Outgoing {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const JSON_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'application/json',
  // Session ids and states are nobody's to keep.
  'cache-control': 'no-store',
})

export const json = (status: number, body: unknown, headers?: Readonly<Record<string, string>>): Outgoing => ({
  status,
  headers: headers ? { ...JSON_HEADERS, ...headers } : JSON_HEADERS,
  body: JSON.stringify(body),
})

export const text = (status: number, body: string): Outgoing => ({
  status,
  headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
  body,
})
