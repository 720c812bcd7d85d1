import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { KEYS, openService, storeThatMustNotBeAsked } from './harness.ts'

const sign = (text: string, key = KEYS[0]?.key ?? '') =>
  `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
const HANDLE = 'abcdefghijklmnopqrstuvwx'

/** What every route answers to an id that must be refused. The store fails the test when it is asked. */
async function refusals(id: string) {
  const service = openService(storeThatMustNotBeAsked())
  const rotated = await service.post('/session/rotate', { session_id: id })
  return [
    (await service.validate(id)).body,
    (await service.refresh(id)).status,
    rotated.status,
    (await service.invalidate({ session_id: id })).status,
    rotated.body.error.code,
  ]
}

test('every altered character of an id is noticed without asking the store', async () => {
  const id = await openService(undefined).create(7)
  const others = 'AQgw09-_.z'
  for (const [place, character] of [...id].entries())
    for (const other of others) {
      if (other === character) continue
      const altered = id.slice(0, place) + other + id.slice(place + 1)
      const [validated, refreshed] = await refusals(altered)
      expect([altered, validated, refreshed]).toEqual([altered, { valid: false }, 401])
    }
})

test.each([
  ['another key', sign(`v1.k1.${HANDLE}`, 'another signing key, also long enough')],
  ['a signature of another id', sign('v1.k1.xxxxxxxxxxxxxxxxxxxxxxxx').replace('xxxxxxxxxxxxxxxxxxxxxxxx', HANDLE)],
  ['another version', sign(`v2.k1.${HANDLE}`)],
  ['a short random part', sign('v1.k1.abc')],
  ['a long random part', sign(`v1.k1.${HANDLE}${HANDLE}`)],
  ['a part too many', `${sign(`v1.k1.${HANDLE}`)}.x`],
  ['a cut signature', sign(`v1.k1.${HANDLE}`).slice(0, -1)],
  ['a line break at the end', `${sign(`v1.k1.${HANDLE}`)}`.replace(/$/, '%0a')],
  ['another text for the same bytes of the signature', twin(sign(`v1.k1.${HANDLE}`))],
  ['nothing but dots', '...'],
  ['a very long text', 'v1.'.repeat(3_000)],
])('an id with %s is refused without asking the store', async (_, id) => {
  expect(await refusals(id)).toEqual([{ valid: false }, 401, 401, 404, 'session_invalid'])
})

test('an id of an unknown key is refused, and the answer says that it is the key', async () => {
  expect(await refusals(sign(`v1.k2.${HANDLE}`))).toEqual([{ valid: false }, 401, 401, 404, 'unknown_key'])
})

test('ids do not repeat, and are random in every character', async () => {
  const service = openService(undefined)
  const handles = await Promise.all(
    Array.from({ length: 2_000 }, async () => (await service.create(7)).split('.')[2] ?? ''),
  )
  expect(new Set(handles).size).toBe(2_000)
  for (let place = 0; place < 24; place++) expect(new Set(handles.map((handle) => handle[place])).size).toBe(64)
})

test('the signature is HMAC-SHA-256 over what stands before it, as documented', async () => {
  const id = await openService(undefined).create(7)
  expect(sign(id.slice(0, id.lastIndexOf('.')))).toBe(id)
})

/** 32 bytes leave two bits of the 43rd character unused: four texts decode to the same bytes. */
function twin(id: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(id.at(-1) ?? '')
  return id.slice(0, -1) + alphabet[last + 1]
}
