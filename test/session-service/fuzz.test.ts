import { createSessionService, fixedKeys } from 'keyturn/session-service'
import { expect, test } from 'vitest'
import { isSignedBy, parseSessionId } from '../../src/session-service/ids/session-id.ts'
import { readKeys } from '../../src/session-service/keys/key-source.ts'
import { KEYS, TOKEN } from './harness.ts'

/** `LONG=1` tries a million of each. */
const INPUTS = process.env.LONG ? 1_000_000 : 15_000

/** The same numbers for the same seed (mulberry32), so that what fails can be repeated. */
function createRandom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  const pick = <Value>(list: readonly Value[]): Value => list[below(list.length)] as Value
  return { below, pick, chance: (share: number) => next() < share }
}
type Random = ReturnType<typeof createRandom>

const CHARACTERS = [
  ...'v1.k-_=+/%&?#"\'\\{}[]:,0123456789abcXYZ \t\n\r',
  '\u0000',
  '\ud800',
  '\udc00',
  'é',
  '😀',
  '\u2028',
  '\uffff',
  '__proto__',
  'constructor',
  '../',
  '\r\n',
]
const text = (random: Random, most: number) =>
  Array.from({ length: random.below(most) }, () => random.pick(CHARACTERS)).join('')

function mutated(random: Random, source: string): string {
  let result = source
  for (let changes = random.below(4); changes > 0; changes--) {
    const place = random.below(result.length + 1)
    const cut = random.chance(0.5) ? random.below(5) : 0
    result = result.slice(0, place) + (random.chance(0.6) ? random.pick(CHARACTERS) : '') + result.slice(place + cut)
  }
  return result
}

function value(random: Random, id: string, depth = 0): unknown {
  const kind = random.below(depth > 4 ? 8 : 11)
  if (kind === 0) return null
  if (kind === 1) return random.chance(0.5)
  if (kind === 2) return random.pick([0, -0, 1, -1, 1.5, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), 1e308, 5e-324, 7])
  if (kind < 5) return text(random, 12)
  if (kind < 7) return mutated(random, id)
  if (kind === 7) return id
  if (kind === 8) return Array.from({ length: random.below(4) }, () => value(random, id, depth + 1))
  const names = ['user_id', 'session_id', 'metadata', 'handle', '__proto__', 'constructor', text(random, 4)]
  return Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [random.pick(names), value(random, id, depth + 1)]),
  )
}

test(`the id parser takes ${INPUTS.toLocaleString('en')} inputs without an exception, and none but the real id is good`, () => {
  const random = createRandom(1)
  const [key] = readKeys(KEYS)
  if (!key) throw new Error('There is no key.')
  const id = 'v1.k1.abcdefghijklmnopqrstuvwx.wrong-signature-of-43-characters-in-base64'
  let parsed = 0
  for (let tried = 0; tried < INPUTS; tried++) {
    const input = random.chance(0.3) ? text(random, 60) : mutated(random, id)
    const found = parseSessionId(input)
    if (!found) continue
    parsed++
    // Signatures are checked for some only: that is the slow part.
    if (parsed % 50 === 0) expect([input, isSignedBy(key.key, found)]).toEqual([input, false])
  }
  expect(parsed).toBeGreaterThan(0)
})

test(`the handler takes ${INPUTS.toLocaleString('en')} requests without a 500 or an exception`, async () => {
  const random = createRandom(2)
  const lines: object[] = []
  const service = createSessionService({
    keys: fixedKeys(KEYS),
    callers: [TOKEN],
    selfService: true,
    origins: ['https://app.example.test'],
    rates: { sessions: null, strangers: null },
    log: (line) => void lines.push(line),
  })
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const made = () =>
    service
      .handle(new Request('http://s.test/session', { method: 'POST', headers, body: '{"user_id":7}' }))
      .then((answer) => answer.json() as Promise<{ session_id: string }>)
  let { session_id: id } = await made()

  const paths = [
    '/session',
    '/session/refresh',
    '/session/invalidate',
    '/session/validate',
    '/session/rotate',
    '/sessions',
    '/sessions/count',
    '/healthz',
    '/readyz',
    '/metrics',
  ]
  const header = (name: string, content: string): Record<string, string> =>
    // What no HTTP library would hand on is not a request.
    /^[\t\x20-\x7e\x80-\xff]*$/.test(content) ? { [name]: content } : {}
  const draw = (): Request => {
    const path = random.chance(0.9)
      ? random.pick(paths)
      : `/${encodeURI(text(random, 6).replace(/[\ud800-\udfff]/g, ''))}`
    const query = random.chance(0.3)
      ? `?${random.pick(['session_id', 'user_id', 'limit', 'x'])}=${random.chance(0.3) ? id : random.pick(['%', '%00', '%ff', '7', '1e3', '-1', '%F0%9F%98%80', '&user_id=8'])}`
      : ''
    const method = random.pick(['GET', 'POST', 'POST', 'POST', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])
    const bearer = random.pick([TOKEN, TOKEN, TOKEN, TOKEN, id, mutated(random, TOKEN), mutated(random, id)])
    const given = {
      ...header('authorization', random.chance(0.95) ? `Bearer ${bearer}` : text(random, 10)),
      ...(random.chance(0.3) ? header('x-session-id', random.chance(0.5) ? id : mutated(random, id)) : {}),
      ...(random.chance(0.1) ? header('idempotency-key', text(random, 6)) : {}),
      ...(random.chance(0.1) ? header('origin', random.pick(['https://app.example.test', 'null', 'x'])) : {}),
      ...header('content-type', random.chance(0.9) ? 'application/json' : text(random, 10)),
    }
    if (method === 'GET' || method === 'HEAD')
      return new Request(`http://s.test${path}${query}`, { method, headers: given })
    const json = JSON.stringify(value(random, id))
    const body = random.chance(0.7)
      ? json
      : random.chance(0.5)
        ? mutated(random, json)
        : Buffer.from(mutated(random, json), 'latin1')
    return new Request(`http://s.test${path}${query}`, { method, headers: given, body })
  }

  const statuses = new Map<number, number>()
  for (let tried = 0; tried < INPUTS; tried++) {
    const request = draw()
    const { status } = await service.handle(request)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (status >= 500) expect([request.method, request.url, [...request.headers], status, lines]).toBe('no 500')
    // Some of them end the session.
    if (tried % 100 === 0) id = (await made()).session_id
  }
  expect(lines).toEqual([])
  // It got everywhere.
  for (const status of [200, 204, 400, 401, 403, 404, 405, 415])
    expect([status, statuses.get(status) ?? 0]).not.toEqual([status, 0])
}, 3_600_000)
