import type { SupabaseClient } from '@supabase/supabase-js'
import { type Auth, createAuth, memoryStorage } from 'keyturn'
import { type SupabaseCredentials, type SupabaseUser, supabaseBackend } from 'keyturn/supabase'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fakeSocket } from './fake-socket.ts'
import { ada, project } from './official-client.ts'
import { anonKey } from './project.ts'

const MINUTE = 60_000

interface Stage {
  readonly auth: Auth<SupabaseUser, SupabaseCredentials>
  readonly supabase: SupabaseClient
  /** Bearer tokens of the requests for data, in order. */
  readonly bearers: (string | null)[]
  readonly page: ReturnType<typeof project>
  readonly socket: ReturnType<typeof fakeSocket>
}

/** An app as `docs/supabase.md` has it: this kit owns the session, supabase-js does the rest. */
async function app({ signedIn = true } = {}): Promise<Stage> {
  const page = project()
  const { mock, clock, url } = page
  const bearers: Stage['bearers'] = []
  const auth = createAuth({
    backend: supabaseBackend({ url, anonKey }),
    storage: memoryStorage(),
    ports: { clock, settle: null, fetch: mock.fetch },
  })
  onTestFinished(() => auth.dispose())
  if (signedIn) await auth.signIn(ada)
  const socket = fakeSocket()
  const supabase = page.client({
    accessToken: () => auth.getAccessToken(),
    realtime: { transport: socket.transport },
    global: {
      async fetch(_input, init) {
        bearers.push(new Headers(init?.headers).get('Authorization'))
        return new Response('[{"id":1}]', { headers: { 'Content-Type': 'application/json' } })
      },
    },
  })
  await clock.flush()
  return { auth, supabase, bearers, page, socket }
}

const bearer = async (auth: Auth<SupabaseUser, SupabaseCredentials>) => `Bearer ${await auth.getAccessToken()}`

describe('supabase-js with the accessToken option', () => {
  test('sends the token of the moment with data, storage and functions', async () => {
    const { auth, supabase, bearers, page } = await app()
    expect(await supabase.from('notes').select()).toMatchObject({ data: [{ id: 1 }], error: null })
    await supabase.storage.from('files').list()
    await supabase.functions.invoke('hello')
    const first = await bearer(auth)
    expect(bearers).toEqual([first, first, first])

    await page.clock.advance(2 * 60 * MINUTE)
    await supabase.from('notes').select()
    expect(bearers.at(-1)).toBe(await bearer(auth))
    expect(bearers.at(-1)).not.toBe(first)
  })

  test('sends the anon key when nobody is signed in, before and after', async () => {
    const { auth, supabase, bearers } = await app({ signedIn: false })
    await supabase.from('notes').select()
    await auth.signIn(ada)
    await supabase.from('notes').select()
    await auth.signOut()
    await supabase.from('notes').select()
    expect(bearers[0]).toBe(`Bearer ${anonKey}`)
    expect(bearers[1]).not.toBe(`Bearer ${anonKey}`)
    expect(bearers[2]).toBe(`Bearer ${anonKey}`)
  })

  test('renews a token that has run out before it sends the request', async () => {
    const { auth, supabase, bearers, page } = await app()
    // The laptop slept: no timer has noticed.
    page.clock.jump(2 * 60 * MINUTE)
    await supabase.from('notes').select()
    expect(page.mock.count('refresh')).toBe(1)
    expect(bearers).toEqual([await bearer(auth)])
  })

  test('answers with an error, and sends nothing, while no token can be had; the session stays', async () => {
    const { auth, supabase, bearers, page } = await app()
    page.mock.faults.always('refresh', { type: 'drop' })
    page.clock.jump(2 * 60 * MINUTE)
    // Reads are tried again by supabase-js itself, in real time.
    const asked = supabase
      .from('notes')
      .select()
      .retry(false)
      .then((answer) => answer)
    await page.clock.advance(MINUTE)
    expect((await asked).error?.message).toMatch(/AuthError/)
    expect(bearers).toEqual([])
    expect(auth.getState().status).toBe('authenticated')
  })

  test('has no auth of its own: each use of it throws', async () => {
    const { supabase } = await app()
    expect(() => supabase.auth.getSession()).toThrow(/accessToken option/)
  })
})

describe('its realtime', () => {
  const subscribed = (supabase: SupabaseClient, name: string) =>
    new Promise((resolve) => supabase.channel(name).subscribe(resolve))
  const tokens = ({ said }: Stage['socket'], event: string) =>
    said.filter((message) => message.event === event).map(({ payload }) => payload.access_token)

  test('joins with the token; but it keeps that one, until it is told of the next', async () => {
    const { auth, supabase, page, socket } = await app()
    expect(await subscribed(supabase, 'room')).toBe('SUBSCRIBED')
    const first = await auth.getAccessToken()
    expect(tokens(socket, 'phx_join')).toEqual([first])

    await page.clock.advance(MINUTE)
    await auth.refresh()
    await page.clock.flush()
    expect(tokens(socket, 'access_token')).toEqual([])
    await supabase.realtime.setAuth()
    expect(tokens(socket, 'access_token')).toEqual([await auth.getAccessToken()])
  })

  test('follows the session with the three lines of the recipe', async () => {
    const { auth, supabase, page, socket } = await app()
    const follow = () => void supabase.realtime.setAuth()
    auth.on('signed_in', follow)
    auth.on('refreshed', follow)
    auth.on('signed_out', () => {
      void supabase.removeAllChannels()
      follow()
    })
    await subscribed(supabase, 'room')
    await page.clock.advance(120 * MINUTE)
    const sent = tokens(socket, 'access_token')
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.at(-1)).toBe(await auth.getAccessToken())

    await auth.signOut()
    await page.clock.flush()
    expect(supabase.getChannels()).toEqual([])
    socket.said.length = 0
    await subscribed(supabase, 'lobby')
    // Without a session the server takes the key of the connection.
    expect(tokens(socket, 'phx_join')).toEqual([undefined])
  })
})
