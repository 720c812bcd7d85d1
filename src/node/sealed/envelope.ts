import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'
import { sealedError } from './problem.ts'

/** What a sealed value belongs to. It opens under the same two names only. */
export interface Binding {
  /** Whose it is: an account. */
  readonly profile: string
  /** Which back end it is for. */
  readonly backend: string
}

/** Readable without a key. Holds no secret: the names of profile and back end are hashed. All of it is authenticated. */
interface Head {
  readonly keyturn: 'sealed'
  readonly v: 1
  readonly key: string
  readonly profile: string
  readonly backend: string
  readonly iv: string
}

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** Enough to tell one name from another in an error. Which one it is, the name's owner may guess, but not read. */
const mark = (name: string): string => createHash('sha256').update(name).digest('base64url').slice(0, 12)

/** The whole names, too: two names with the same mark are still two. */
const associated = (head: Head, { profile, backend }: Binding): Buffer =>
  Buffer.from(JSON.stringify([head.keyturn, head.v, head.key, head.iv, profile, backend]))

/** AES-256-GCM with a random IV of 96 bits (NIST SP 800-38D section 8.2.2: good for 2^32 values of one key). */
export function seal(ring: KeyRing, binding: Binding, text: string): string {
  const { id, key } = ring.newest
  const iv = randomBytes(IV_BYTES)
  const head: Head = {
    keyturn: 'sealed',
    v: 1,
    key: id,
    profile: mark(binding.profile),
    backend: mark(binding.backend),
    iv: iv.toString('base64url'),
  }
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(associated(head, binding))
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${JSON.stringify({ ...head, data: data.toString('base64url') })}\n`
}

/** @param where names the thing in errors: `The file /var/lib/app/session` */
export function unseal(
  ring: KeyRing,
  binding: Binding,
  sealed: string,
  where: string,
): { readonly text: string; readonly key: string } {
  const head = parse(sealed, where)
  const fail = (problem: Parameters<typeof sealedError>[0], what: string): never => {
    throw sealedError(problem, `${where} ${what}`)
  }
  if (head.v !== 1) fail('newer', 'was written by a later release of keyturn. Update the package to read it.')
  if (head.profile !== mark(binding.profile)) fail('foreign', `belongs to another profile than '${binding.profile}'.`)
  if (head.backend !== mark(binding.backend)) fail('foreign', `belongs to another back end than '${binding.backend}'.`)
  const key =
    ring.get(head.key) ??
    fail('unknown_key', `was sealed with key '${head.key}'. The keys given are: ${ring.ids.join(', ')}.`)
  const data = Buffer.from(String(head.data), 'base64url')
  try {
    const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(String(head.iv), 'base64url'), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(associated(head, binding)).setAuthTag(data.subarray(-TAG_BYTES))
    const text = Buffer.concat([decipher.update(data.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8')
    return { text, key: head.key }
  } catch {
    return fail('changed', `does not open: it was changed, or '${head.key}' is not the key that it was sealed with.`)
  }
}

function parse(sealed: string, where: string): Head & { readonly data?: unknown } {
  if (!sealed.trim()) throw sealedError('torn', `${where} is empty.`)
  let value: unknown
  try {
    value = JSON.parse(sealed)
  } catch {
    if (sealed.startsWith('{"keyturn":"sealed"') || '{"keyturn":"sealed"'.startsWith(sealed))
      throw sealedError('torn', `${where} is torn: it ends early. Put back a copy, or sign in anew.`)
  }
  const head = value as Head | undefined
  if (head?.keyturn !== 'sealed')
    throw sealedError('plaintext', `${where} is not sealed. Plain or foreign data is not read: sign in anew.`)
  return head
}
