import type { MockAuth } from './core/types.ts'

/** The part of msw's `http` that is needed; given by the caller, so that this package does not import msw. */
export interface MswHttp<Handler> {
  readonly all: (
    path: string,
    resolver: (info: { readonly request: Request }) => Promise<Response | undefined>,
  ) => Handler
}

/** Where a network error comes from: msw's `HttpResponse` or the global `Response`. */
export interface MswErrorSource {
  readonly error: () => Response
}

/**
 * Makes msw (version 2) handlers that let the mock answer everything under `origin` that is its own. Other paths, also below
 * the same prefix, pass through to the app's handlers, whichever come first.
 *
 * ```ts
 * const server = setupServer(...mswHandlers(http, mock, 'https://auth.example.test'))
 * ```
 */
export function mswHandlers<Handler>(
  http: MswHttp<Handler>,
  mock: MockAuth,
  origin: string,
  errors: MswErrorSource = Response,
): Handler[] {
  const resolve = async ({ request }: { readonly request: Request }): Promise<Response | undefined> => {
    if (!mock.owns(request)) return undefined
    try {
      return await mock.handle(request)
    } catch {
      return errors.error()
    }
  }
  return [`${origin}/auth/v1/*`, `${origin}${mock.restBase}/*`].map((path) => http.all(path, resolve))
}
