interface Result {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[]
}

/** What is looked at of a `Response`, or of an `AxiosResponse` as its adapter gives it: with its body as text. */
type Answer = Pick<Response, 'headers' | 'clone'> | { readonly headers: object; readonly data: unknown }

/**
 * For the option `expired`: GraphQL servers say "the token is no longer good" in an answer of status 200, with the code
 * `UNAUTHENTICATED` in an error's `extensions`. An answer that holds data beside the error is left alone: part of the
 * work is done, and a repeat would do it twice. Answers that are no JSON are not read.
 *
 * ```ts
 * attachAuth(api, auth, { expired: graphqlExpired })
 * ```
 */
export async function graphqlExpired(answer: Answer): Promise<boolean | undefined> {
  const body = await read(answer).catch(() => null)
  const results = [body].flat() as (Result | null | undefined)[]
  const refused = results.some((result) =>
    result?.errors?.some?.((error) => error?.extensions?.code === 'UNAUTHENTICATED'),
  )
  const done = results.some((result) => Object.values(result?.data ?? {}).some((value) => value !== null))
  return refused && !done ? true : undefined
}

async function read(answer: Answer): Promise<unknown> {
  if ('data' in answer) return typeof answer.data === 'string' ? JSON.parse(answer.data) : answer.data
  return /json/.test(answer.headers.get('Content-Type') ?? '') ? answer.clone().json() : null
}
