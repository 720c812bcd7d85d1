/** The recipes of docs/recipes.md, run as they stand there against a real API. */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gql } from '@apollo/client'
import { initTRPC, TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import axios from 'axios'
import { createAuthFetch } from 'keyturn/fetch'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { json } from '../http/api-server.ts'
import { claimsOf, rejection, type Stage, setStage } from '../http/stage.ts'
import { apolloOf } from './code/apollo-client.ts'
import { cachedApi } from './code/axios-cache-interceptor.ts'
import { retrying } from './code/axios-retry.ts'
import { listen } from './code/event-stream.ts'
import { graphqlOf } from './code/graphql-request.ts'
import { kyOf } from './code/ky.ts'
import { ofetchOf } from './code/ofetch.ts'
import { clientOf } from './code/openapi-fetch.ts'
import { storeOf } from './code/rtk-query.ts'
import { queriesOf } from './code/tanstack-query.ts'
import { trpcOf } from './code/trpc.ts'
import { urqlOf } from './code/urql.ts'
import { connect } from './code/web-socket.ts'

const later = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000, interval: 10 })

async function graceSignsIn({ auth, server }: Stage) {
  server.subject = 'grace'
  await auth.signIn({})
}
const subjects = ({ net }: Stage) => net.requests.map(({ token }) => claimsOf(token).sub)

test('docs/recipes.md holds each recipe as it is run here', () => {
  const docs = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8')
  const folder = new URL('./code/', import.meta.url)
  const missing = readdirSync(folder).filter(
    (name) => !docs.includes(readFileSync(new URL(name, folder), 'utf8').trim()),
  )
  expect(missing).toEqual([])
})

const clients: Record<string, (stage: Stage) => Promise<unknown>> = {
  ky: ({ auth, net }) => kyOf(auth, net.origin).get('items/1').json(),
  ofetch: ({ auth, net }) => ofetchOf(auth, net.origin)('/items/1'),
  'openapi-fetch': async ({ auth, net }) => {
    const client = clientOf<Record<string, { get: { responses: Record<200, unknown> } }>>(auth, net.origin)
    return (await (client.GET as (path: string) => Promise<{ data?: unknown }>)('/items/1')).data
  },
  'RTK Query': async ({ auth, net }) => {
    const { api, store } = storeOf(auth, net.origin)
    return (await store.dispatch(api.endpoints.item.initiate(1))).data
  },
  'axios-cache-interceptor': async ({ auth, net }) => (await cachedApi(auth, net.origin).get('/items/1')).data,
  'axios-retry': async ({ auth, net }) => {
    const api = axios.create({ baseURL: net.origin })
    retrying(api, auth)
    return (await api.get('/items/1')).data
  },
}

describe.each(Object.entries(clients))('%s', (_, get) => {
  test('a token that has run out is renewed and the request repeated', async () => {
    const stage = await setStage()
    stage.revokeTokens()
    expect(await get(stage)).toEqual({ path: '/items/1' })
    expect(stage.server.refreshes).toHaveLength(1)
  })

  test('a request that waits while somebody else signs in is not sent as theirs', async () => {
    const stage = await setStage()
    stage.expireToken()
    const hold = stage.holdRefresh()
    const request = get(stage).catch((error) => error)
    await hold.begun
    await graceSignsIn(stage)
    hold.release()
    await request
    expect(subjects(stage)).toEqual([])
  })
})

describe('GraphQL', () => {
  const refused = { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }], data: null }
  const open = async () => {
    const stage = await setStage()
    stage.net.route(
      '/graphql',
      ({ token }) => json(stage.net.accepts(token) ? { data: { me: claimsOf(token).sub } } : refused),
      { open: true },
    )
    stage.revokeTokens()
    return { ...stage, url: `${stage.net.origin}/graphql` }
  }

  test('graphql-request: UNAUTHENTICATED in a 200 renews the token', async () => {
    const { auth, url, server } = await open()
    expect(await graphqlOf(auth, url).request('{ me }')).toEqual({ me: 'ada' })
    expect(server.refreshes).toHaveLength(1)
  })

  test('urql: the same, and a client per person', async () => {
    const stage = await open()
    const made: Parameters<Parameters<typeof urqlOf>[2]>[0][] = []
    urqlOf(stage.auth, stage.url, (client) => made.push(client))
    const ask = async () => (await made.at(-1)?.query('{ me }', {}).toPromise())?.data
    expect(await ask()).toEqual({ me: 'ada' })
    await graceSignsIn(stage)
    expect(await ask()).toEqual({ me: 'grace' })
    expect(made).toHaveLength(2)
  })
})

describe('Apollo Client', () => {
  const refused = { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }], data: null }
  const query = gql`{ me }`

  test('UNAUTHENTICATED in a 200 renews the token; what Ada loaded is gone before Grace is shown', async () => {
    const stage = await setStage()
    const { net, auth, server } = stage
    const answer = ({ token }: { token: string | null }) =>
      json(net.accepts(token) ? { data: { me: claimsOf(token).sub } } : refused)
    net.route('/graphql', answer, { open: true })
    stage.revokeTokens()
    const client = apolloOf(auth, `${net.origin}/graphql`)
    const ask = async () => (await client.query({ query })).data
    expect(await ask()).toEqual({ me: 'ada' })
    expect(server.refreshes).toHaveLength(1)
    const shown: unknown[] = []
    auth.subscribe(() => shown.push(client.readQuery({ query })))
    await graceSignsIn(stage)
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.every((value) => value === null)).toBe(true)
    expect(await ask()).toEqual({ me: 'grace' })
  })
})

describe('tRPC', () => {
  const { router, procedure } = initTRPC.context<{ token: string | null }>().create()
  const open = async () => {
    const stage = await setStage()
    let done = 0
    const mine = procedure.use(({ ctx, next }) => {
      if (!stage.net.accepts(ctx.token)) throw new TRPCError({ code: 'UNAUTHORIZED' })
      return next()
    })
    const app = router({
      me: mine.query(({ ctx }) => claimsOf(ctx.token).sub),
      open: procedure.query(() => 'anybody'),
      count: mine.mutation(() => ++done),
    })
    const serve: Parameters<typeof stage.net.route>[1] = async ({ method, headers, body, token, url }) => {
      const request = new Request(`${stage.net.origin}${url}`, {
        method,
        headers: { 'Content-Type': headers['content-type'] ?? '' },
        ...(method === 'POST' && { body: new Uint8Array(body) }),
      })
      const createContext = () => ({ token })
      const answer = await fetchRequestHandler({ endpoint: '/trpc', req: request, router: app, createContext })
      return { ...json(await answer.json(), answer.status) }
    }
    for (const path of ['me', 'open', 'count', 'me,open', 'open,me'])
      stage.net.route(`/trpc/${path}`, serve, { open: true })
    return { ...stage, client: trpcOf<typeof app>(stage.auth, `${stage.net.origin}/trpc`) }
  }

  test('a token that has run out is renewed, and queries and mutations are repeated', async () => {
    const { client, server, revokeTokens } = await open()
    revokeTokens()
    expect(await client.me.query()).toBe('ada')
    revokeTokens()
    expect(await client.count.mutate()).toBe(1)
    expect(server.refreshes).toHaveLength(2)
  })

  test('a batch of which a part is refused is asked again', async () => {
    const { client, server, revokeTokens, net } = await open()
    revokeTokens()
    expect(await Promise.all([client.me.query(), client.open.query()])).toEqual(['ada', 'anybody'])
    expect(net.requests.map(({ path }) => path)).toEqual(['/trpc/me,open', '/trpc/me,open'])
    expect(server.refreshes).toHaveLength(1)
  })

  test('a request that waits while somebody else signs in is not sent as theirs', async () => {
    const stage = await open()
    stage.expireToken()
    const hold = stage.holdRefresh()
    const request = rejection(stage.client.count.mutate())
    await hold.begun
    await graceSignsIn(stage)
    hold.release()
    await request
    expect(subjects(stage)).toEqual([])
  })
})

describe('a cache per person', () => {
  test('TanStack Query: what Ada loaded is gone before Grace is shown', async () => {
    const stage = await setStage()
    const queries = queriesOf(stage.auth)
    queries.setQueryData(['orders'], ['of Ada'])
    const shown: unknown[] = []
    stage.auth.subscribe(() => shown.push(queries.getQueryData(['orders'])))
    await graceSignsIn(stage)
    expect(queries.getQueryData(['orders'])).toBeUndefined()
    expect(shown.every((value) => value === undefined)).toBe(true)
  })

  test('TanStack Query: an error of the kit is not retried', async () => {
    const stage = await setStage()
    const queries = queriesOf(stage.auth)
    let count = 0
    const queryFn = async () => {
      count++
      throw await rejection(Promise.resolve().then(() => createAuthFetch(null as never)))
    }
    await rejection(
      queries.fetchQuery({ queryKey: ['x'], queryFn, retry: queries.getDefaultOptions().queries?.retry ?? 0 }),
    )
    expect(count).toBe(1)
  })

  test('RTK Query: Grace does not get what Ada loaded', async () => {
    const stage = await setStage()
    const { api, store } = storeOf(stage.auth, stage.net.origin)
    await store.dispatch(api.endpoints.item.initiate(1))
    await graceSignsIn(stage)
    expect(api.endpoints.item.select(1)(store.getState()).data).toBeUndefined()
  })

  test('axios-cache-interceptor: one request per person', async () => {
    const stage = await setStage()
    const api = cachedApi(stage.auth, stage.net.origin)
    stage.net.route('/a', () => ({
      ...json('ok'),
      headers: { 'Cache-Control': 'max-age=600', 'Content-Type': 'application/json' },
    }))
    for (let i = 0; i < 2; i++) await api.get('/a')
    expect(subjects(stage)).toEqual(['ada'])
    await graceSignsIn(stage)
    await api.get('/a')
    expect(subjects(stage)).toEqual(['ada', 'grace'])
  })
})

describe('streams', () => {
  test('Server-Sent Events: connects again with a fresh token, and is dropped when the person changes', async () => {
    const stage = await setStage()
    const closed: string[] = []
    stage.net.route('/events', ({ token }, response) => {
      const { sub, jti } = claimsOf(token)
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write(`data: ${sub} ${jti}\n\n`)
      response.on('close', () => closed.push(sub))
      // The first stream ends; the others stay open.
      if (jti === 1) response.end()
      return undefined
    })
    const heard: string[] = []
    const authFetch = createAuthFetch(stage.auth, { origins: [stage.net.origin] })
    const stop = listen(
      stage.auth,
      authFetch,
      `${stage.net.origin}/events`,
      (data) => {
        heard.push(data)
        if (heard.length === 1) stage.revokeTokens()
      },
      10,
    )
    onTestFinished(stop)
    await later(() => expect(heard).toEqual(['ada 1', 'ada 2']))
    await graceSignsIn(stage)
    await later(() => expect(heard.at(-1)).toBe('grace 3'))
    expect(closed).toEqual(['ada', 'ada'])
  })

  test('a WebSocket: connects again with a fresh token, and is closed when the person changes', async () => {
    const stage = await setStage()
    const http = createServer()
    const sockets = new WebSocketServer({ server: http })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      for (const client of sockets.clients) client.terminate()
      http.close()
    })
    const log: string[] = []
    sockets.on('connection', (socket) => {
      let who = ''
      socket.on('message', (text) => {
        const { sub, jti } = claimsOf(JSON.parse(String(text)).token)
        who = `${sub} ${jti}`
        log.push(`+ ${who}`)
        socket.send(who)
        if (jti === 1) socket.close()
      })
      socket.on('close', () => log.push(`- ${who}`))
    })
    vi.stubGlobal('WebSocket', (await import('ws')).WebSocket)
    onTestFinished(() => void vi.unstubAllGlobals())
    const heard: string[] = []
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
    const stop = connect(
      stage.auth,
      url,
      (text) => {
        heard.push(text)
        if (heard.length === 1) stage.expireToken()
      },
      10,
    )
    onTestFinished(stop)
    await later(() => expect(heard).toEqual(['ada 1', 'ada 2']))
    await graceSignsIn(stage)
    await later(() => expect(heard.at(-1)).toBe('grace 3'))
    await later(() => expect(log).toContain('- ada 2'))
    await stage.auth.signOut()
    await later(() => expect(log.at(-1)).toBe('- grace 3'))
  })
})
