import type { AuthError, SignOutScope } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { deferred } from '../storages.ts'
import { createWorld, never, signedIn, type Tab, type World } from '../world.ts'

const bug = new Error('a bug in the backend')
const send = async () => ({ status: 401 })
const request = { url: '/data', origins: ['/'], repeatable: true, send }

/** Runs `call`, lets time pass, and gives back how it failed. */
async function failureOf({ clock }: World, call: Promise<unknown>, ms = 0): Promise<AuthError> {
  const failure = call.then(
    () => {
      throw new Error('It did not fail.')
    },
    (error) => error as AuthError,
  )
  await clock.advance(ms)
  return failure
}

type Case = (tab: World & Tab) => Promise<AuthError | null>

/** What an error must say, for whoever reads a log to know what to look at. */
const cases: [string, AuthError['code'], RegExp, Case][] = [
  [
    'a server that does not answer: for how long it was waited',
    'unavailable',
    /did not answer.*10000 ms/,
    (tab) => {
      tab.server.signInScript.push(never)
      return failureOf(tab, tab.auth.signIn({}), 10_000)
    },
  ],
  [
    'a sign-in answer without a token',
    'invalid_response',
    /without an access token/,
    (tab) => {
      tab.server.signInScript.push(() => ({}) as never)
      return failureOf(tab, tab.auth.signIn({}))
    },
  ],
  [
    'a refresh when nobody is signed in',
    'unauthenticated',
    /Nobody is signed in/,
    async (tab) => {
      await tab.auth.signOut()
      return failureOf(tab, tab.auth.refresh())
    },
  ],
  [
    'a refresh that a sign-out has overtaken',
    'session_changed',
    /signed in or out/,
    async (tab) => {
      tab.server.script.push(never)
      const failure = failureOf(tab, tab.auth.refresh())
      await tab.auth.signOut()
      return failure
    },
  ],
  [
    'a sign-in that a sign-out has overtaken',
    'session_changed',
    /later sign-in or sign-out/,
    async (tab) => {
      const answer = deferred<never>()
      tab.server.signInScript.push(() => answer.promise)
      const failure = failureOf(tab, tab.auth.signIn({}))
      await tab.auth.signOut()
      answer.resolve(tab.server.issue() as never)
      return failure
    },
  ],
  [
    'a 401 that comes after a user switch',
    'session_changed',
    /after this request began/,
    async (tab) => {
      const late = deferred<{ status: number }>()
      const done = tab.auth.exchange({ ...request, send: () => late.promise })
      tab.server.subject = 'bob'
      await tab.auth.signIn({})
      late.resolve({ status: 401 })
      return (await done).error
    },
  ],
  [
    'a 401 of a stream: what to do',
    'not_repeatable',
    /stream.*send the request again/,
    async ({ auth }) => (await auth.exchange({ ...request, repeatable: false })).error,
  ],
  [
    'a sign-out of an unknown scope: the scope, and those there are',
    'misconfigured',
    /'local', 'global' or 'others'.*'elsewhere'/,
    (tab) => failureOf(tab, tab.auth.signOut({ scope: 'elsewhere' as SignOutScope })),
  ],
]

describe('an error says what happened', () => {
  test.each(cases)('%s', async (_, code, words, run) => {
    expect(await run(await signedIn())).toMatchObject({
      name: 'AuthError',
      code,
      message: expect.stringMatching(words),
    })
  })

  test('a backend that throws: the server could not be asked, and the cause is there', async () => {
    const world = createWorld()
    world.server.signInScript.push(() => Promise.reject(bug))
    const failure = await failureOf(world, world.open().auth.signIn({}))
    expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/could not be asked/) })
    expect(failure.cause).toBe(bug)
  })
})
