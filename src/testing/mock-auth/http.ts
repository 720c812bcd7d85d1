import type { LoggedRequest, MockCall } from './types.ts'

/** The log entry while the request is being worked on. */
export type OpenEntry = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] }

/** One request on its way through a dialect. */
export interface Visit {
  readonly request: Request
  readonly url: URL
  readonly entry: OpenEntry
}

/** A dialect: knows which call a request is, and answers it. */
export interface Dialect {
  /** null: the address is none of this dialect's. */
  readonly match: (method: string, path: string) => Route | null
  readonly preflight: (request: Request) => Response
  /** An error in the dialect's own shape, for faults. */
  readonly error: (request: Request, status: number, code: string, message: string) => Response
  /** Adds what every answer to a browser needs. */
  readonly finish: (request: Request, response: Response) => Response
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
export function bearerOf(request: Request): string | null {
  return /^bearer (\S+)$/i.exec(request.headers.get('Authorization') ?? '')?.[1] ?? null
}

/** Adds headers to an answer, whose body goes on unread. */
export function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const merged = new Headers(response.headers)
  for (const [name, value] of Object.entries(headers)) merged.set(name, value)
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers: merged })
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
