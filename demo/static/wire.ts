/** How a request gets to the worker that is the server, and its answer back. Neither `Request` nor `Response` can be posted. */

export interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  /** The page that asks: what is the `Referer` on a wire. */
  readonly referrer: string
  readonly body: string
}

/** null: the connection broke. */
export type Answered = {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
} | null

export const packRequest = async (request: Request): Promise<Sent> => ({
  url: request.url,
  method: request.method,
  headers: [...request.headers],
  referrer: request.referrer,
  body: await request.text(),
})

export const unpackRequest = ({ url, method, headers, referrer, body }: Sent): Request =>
  new Request(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    referrer,
    ...(body === '' ? {} : { body }),
  })

export const packResponse = async (response: Response): Promise<Answered> => ({
  status: response.status,
  headers: [...response.headers],
  body: await response.text(),
})

export const unpackResponse = (answered: Answered): Response => {
  if (!answered) return Response.error()
  const { status, headers, body } = answered
  // An answer without content must not have an empty one.
  return new Response(body === '' ? null : body, {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
}
