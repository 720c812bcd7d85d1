/** One request as the other origin saw it: which headers came, but no values, for one might be a token. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  readonly authorization: boolean
  readonly cookie: boolean
  /** The headers that a preflight asked leave for. */
  readonly requestedHeaders: string | null
}

export interface OtherOrigin {
  readonly handle: (request: Request) => Response
  readonly seen: readonly SeenRequest[]
  readonly reset: () => void
}

/**
 * A foreign server that would take a token if it were given one: it lets every page in and allows every header.
 * `GET /seen` tells whether any request carried an `Authorization` header. That request itself is not recorded.
 */
export function createOtherOrigin(): OtherOrigin {
  const seen: SeenRequest[] = []

  function record(request: Request, path: string): SeenRequest {
    const entry: SeenRequest = {
      method: request.method,
      path,
      headers: [...request.headers.keys()],
      authorization: request.headers.has('Authorization'),
      cookie: request.headers.has('Cookie'),
      requestedHeaders: request.headers.get('Access-Control-Request-Headers'),
    }
    seen.push(entry)
    if (seen.length > 200) seen.shift()
    return entry
  }

  return {
    handle: (request) => {
      const { pathname } = new URL(request.url)
      const cors = corsFor(request)
      if (request.method === 'GET' && pathname === '/seen') {
        const anyAuthorization = seen.some(({ authorization }) => authorization)
        return Response.json({ anyAuthorization, requests: seen }, { headers: cors })
      }
      const entry = record(request, pathname)
      if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: cors })
      if (pathname === '/echo-headers') return Response.json(entry, { headers: cors })
      return Response.json({ detail: 'Not Found' }, { status: 404, headers: cors })
    },
    seen,
    reset: () => {
      seen.length = 0
    },
  }
}

function corsFor(request: Request): Record<string, string> {
  const requested = request.headers.get('Access-Control-Request-Headers')
  return {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
    ...(requested === null ? {} : { 'Access-Control-Allow-Headers': requested }),
  }
}
