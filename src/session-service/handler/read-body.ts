import { isUtf8 } from 'node:buffer'
import { badRequest, SessionServiceError } from '../contract/errors.ts'
import type { Incoming } from './message.ts'

export type Fields = Readonly<Record<string, unknown>>

const NOTHING: Fields = Object.freeze({})
const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i

/** An own property: one that a polluted prototype hands in does not count. */
export const field = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined)

/** The JSON object in a request's body; an empty one where there is no body. */
export async function readBody(incoming: Incoming, limit: number): Promise<Fields> {
  if (Number(incoming.header('content-length') ?? 0) > limit) throw tooLarge(limit)
  const bytes = await incoming.body(limit).catch(() => {
    throw badRequest('The request broke off before its end.')
  })
  if (bytes === null) throw tooLarge(limit)
  if (bytes.length === 0) return NOTHING
  const type = incoming.header('content-type') ?? ''
  if (!JSON_TYPE.test(type))
    throw new SessionServiceError(
      'unsupported_media_type',
      'Send the body as `Content-Type: application/json`, in UTF-8.',
    )
  const coding = incoming.header('content-encoding')
  if (coding && coding.toLowerCase() !== 'identity')
    throw new SessionServiceError('unsupported_media_type', 'Send the body without a Content-Encoding.')
  // Decoding with replacement characters would make one user of two.
  if (!isUtf8(bytes)) throw badRequest('The body is not UTF-8.')
  const value = parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw badRequest('The body must be a JSON object.')
  return value as Fields
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    throw badRequest('The body is not JSON.')
  }
}

const tooLarge = (limit: number) =>
  new SessionServiceError('body_too_large', `The body may have at most ${limit} bytes.`)
