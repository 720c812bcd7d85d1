/** A server that signs people in by several steps, and asks again for the last one later. */
import { createAuth, memoryStorage, restBackend } from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'
import { createFakeClock } from 'keyturn/testing'
import { expect, onTestFinished, test } from 'vitest'
import { signInStep } from './code/second-factor.ts'

type Body = Readonly<Record<string, string>>

/** @param plain how it says that a code is missing: in an answer of 200, or with a status */
function start(plain = false) {
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const issued: string[] = []
  const calls: Body[] = []
  let captcha = false
  let stepUp = false
  const tokens = () => {
    issued.push(`access-${issued.length + 1}`)
    const count = issued.length
    const user = { id: 'ada', name: 'Ada' }
    return Response.json({ access_token: `access-${count}`, refresh_token: `refresh-${count}`, expires_in: 600, user })
  }
  const login = (body: Body): Response => {
    if (captcha && !body.captcha)
      return Response.json({ error: 'captcha_required', site_key: 'key-1' }, { status: 403 })
    if (body.ticket === 'ticket-for-ada' && body.code === '123456') {
      stepUp = false
      return tokens()
    }
    if (body.ticket) return Response.json({ error: 'invalid_code', message: 'This is not the code.' }, { status: 401 })
    if (body.password !== 'correct-horse')
      return Response.json({ error: 'invalid_credentials', message: 'Wrong password.' }, { status: 401 })
    const wanted = { error: 'mfa_required', mfa_ticket: 'ticket-for-ada', access_token: null }
    return Response.json(plain ? { mfa_ticket: 'ticket-for-ada' } : wanted, { status: plain ? 200 : 401 })
  }
  const refresh = () =>
    stepUp ? Response.json({ error: 'interaction_required', message: 'Your code, please.' }, { status: 403 }) : tokens()
  const server = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(input instanceof Request ? input.url : input))
    const body = JSON.parse(String(init?.body ?? '{}')) as Body
    calls.push(body)
    if (pathname === '/auth/login') return login(body)
    if (pathname === '/auth/refresh-token') return refresh()
    const bearer = new Headers(init?.headers).get('Authorization')
    const good = bearer === `Bearer ${issued.at(-1)}` && !stepUp
    return Response.json({ bearer }, { status: good ? 200 : 401 })
  }
  const auth = createAuth<unknown, unknown>({
    backend: restBackend<unknown, unknown>({ baseUrl: 'https://api.example.test' }),
    storage: memoryStorage(),
    ports: { clock, fetch: server as typeof fetch },
  })
  onTestFinished(() => auth.dispose())
  const api = createAuthFetch(auth, { origins: ['https://api.example.test'] })
  return {
    auth,
    api,
    clock,
    calls,
    askForCaptcha: () => {
      captcha = true
    },
    askAgain: () => {
      stepUp = true
    },
  }
}
const password = { email: 'ada@example.test', password: 'correct-horse' }
const code = { ticket: 'ticket-for-ada', code: '123456' }

test.each([
  ['a status', false],
  ['an answer of 200', true],
])(
  'a second factor that the server asks for by %s: its ticket reaches the form, and the code signs in',
  async (_, plain) => {
    const { auth } = start(plain)
    expect(await signInStep(auth, password)).toEqual({ next: 'code', ticket: 'ticket-for-ada' })
    expect(auth.getState().status).toBe('unauthenticated')
    expect(await signInStep(auth, { ...code, code: '000000' })).toEqual({
      next: 'again',
      message: 'This is not the code.',
    })
    expect(await signInStep(auth, code)).toEqual({ next: 'done' })
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'Ada' } })
  },
)

test('a wrong password asks for no code', async () => {
  const { auth } = start()
  const step = await signInStep(auth, { ...password, password: 'wrong' })
  expect(step).toEqual({ next: 'again', message: 'Wrong password.' })
})

test('a captcha goes the same way', async () => {
  const { auth, askForCaptcha } = start()
  askForCaptcha()
  expect(await signInStep(auth, password)).toEqual({ next: 'captcha', siteKey: 'key-1' })
  expect(await signInStep(auth, { ...password, captcha: 'solved' })).toMatchObject({ next: 'code' })
  expect(await signInStep(auth, { ...code, captcha: 'solved' })).toEqual({ next: 'done' })
})

test('the person of before stays signed in while somebody tries', async () => {
  const { auth } = start()
  await signInStep(auth, password)
  await signInStep(auth, code)
  await signInStep(auth, { ...password, password: 'wrong' })
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'Ada' } })
})

test('asked again later: the session stays with that problem, nothing hammers the server, and the code mends it', async () => {
  const { auth, api, clock, calls, askAgain } = start()
  await signInStep(auth, password)
  await signInStep(auth, code)
  askAgain()
  const answer = await api('https://api.example.test/desks')
  expect(answer.status).toBe(401)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: { code: 'interaction_required' } })
  const before = calls.length
  await clock.advance(3_600_000)
  expect(calls.length - before).toBeLessThanOrEqual(1)
  // The form that the app shows for the problem: the same two steps.
  expect(await signInStep(auth, password)).toMatchObject({ next: 'code' })
  expect(await signInStep(auth, code)).toEqual({ next: 'done' })
  expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  expect((await api('https://api.example.test/desks')).status).toBe(200)
})
