import type { LoggedRequest, MockCall } from './types.ts'

/** The log entry while the request is being worked on. */
export type OpenEntry = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] }

/** As much of a `Request` as the server looks at. */
export type IncomingRequest = Pick<Request, 'method' | 'url' | 'headers' | 'text' | 'arrayBuffer'>

/** One request on its way through a dialect. */
export interface Visit {
  readonly request: IncomingRequest
  readonly url: URL
  readonly entry: OpenEntry
}

/** A dialect: knows which call a request is, and answers it. */
export interface Dialect {
  /** What an address is for. One that is for nothing has a route of its own that says so. */
  readonly match: (method: string, path: string) => Route
  readonly preflight: (request: IncomingRequest) => Response
  /** An error in the dialect's own shape, for faults. */
  readonly error: (request: IncomingRequest, status: number, code: string, message: string) => Response
  /** Adds what every answer to a browser needs. */
  readonly finish: (request: IncomingRequest, response: Response) => Response
}

export interface Route {
  readonly call: Exclude<MockCall, 'preflight'>
  readonly run: (visit: Visit) => Response | Promise<Response>
}

/** A JSON answer, with the content type that Go's and Python's servers give. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}

/** The token of an `Authorization: Bearer` header; the scheme in any case, exactly one token without blanks. */
export function bearerOf(request: IncomingRequest): string | null {
  return /^bearer (\S+)$/i.exec(request.headers.get('Authorization') ?? '')?.[1] ?? null
}

/** Sets headers on an answer of ours. */
export function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const name in headers) response.headers.set(name, headers[name] ?? '')
  return response
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
