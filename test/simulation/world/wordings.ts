import type { Mishap, Wording } from './types.ts'

interface Said {
  readonly status: number
  readonly type: string
  readonly text: string
}

const json = (status: number, body: unknown): Said => ({
  status,
  type: 'application/json',
  text: JSON.stringify(body),
})

/** What a server answers to a refresh in each class of the table of refusals. */
export const WORDINGS: Readonly<Record<Wording, Said>> = {
  'final gone-200': json(200, { code: 40102, message: 'Refresh token has expired' }),
  'final gone-404': json(404, { message: 'Refresh token not found' }),
  'final gone-403': { status: 403, type: 'text/html', text: 'Invalid refresh token' },
  'doubt 403': json(403, { message: 'Forbidden' }),
  'doubt 410': json(410, {}),
  'doubt 422': json(422, { message: 'Unprocessable' }),
  'never misasked': json(400, { error: 'unsupported_grant_type' }),
  'never csrf': json(403, { message: 'CSRF token mismatch' }),
  'never validation': json(400, { error: 'invalid_request' }),
  'never 404': json(404, { message: 'Cannot POST' }),
  'never empty': json(200, {}),
  'never 451': json(451, { message: 'Refresh token not found' }),
}

export const isWording = (mishap: Mishap | null): mishap is Wording => String(mishap) in WORDINGS
