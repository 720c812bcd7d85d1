import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { StoredSession } from '../../src/core/types.ts'
import { memoryStorage, restBackend } from '../../src/index.ts'
import { createNodeAuth, type NodeAuthOptions } from '../../src/node/create-node-auth.ts'
import { sealedFile } from '../../src/node/sealed/sealed-file.ts'
import { newFolder } from './folder.ts'
import { keys } from './sealed/session.ts'
import { type AuthServer, type ServerOptions, startServer } from './server.ts'

let path: string
let server: AuthServer

beforeEach(() => {
  path = join(newFolder(), 'session')
})

const serve = async (options?: ServerOptions) => {
  server = await startServer(options)
}
const file = (options = {}) => sealedFile({ path, keys, profile: 'ada', backend: server.url, create: true, ...options })
const open = (options: Partial<NodeAuthOptions> = {}) => {
  const auth = createNodeAuth({ backend: restBackend({ baseUrl: server.url }), storage: file(), ...options })
  onTestFinished(auth.dispose)
  return auth
}
const ada = { email: 'ada@example.test', password: 'secret' }

describe('an auth of a process', () => {
  it('knows at once who is signed in', async () => {
    await serve()
    const first = open()
    expect(first.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
    await first.signIn(ada)
    expect(open().getState()).toMatchObject({ status: 'authenticated', user: { name: 'Ada' } })
  })

  it('has on disk what was rotated before anybody hears of it', async () => {
    await serve()
    const auth = open()
    await auth.signIn(ada)
    const stored: unknown[] = []
    auth.on('refreshed', () => stored.push(file().read()?.refreshToken))
    await auth.refresh()
    expect(stored).toEqual(['refresh-2'])
    expect(file().renewing()).toBe(null)
  })

  it('has the note on disk when the refresh leaves', async () => {
    await serve()
    const seen: unknown[] = []
    const auth = open({
      ports: {
        fetch: (...args) => {
          if (String(args[0]).includes('refresh')) seen.push(file().renewing())
          return fetch(...args)
        },
      },
    })
    await auth.signIn(ada)
    await auth.refresh()
    expect(seen).toEqual([expect.objectContaining({ pid: process.pid })])
  })

  it('tells other processes of a renewal, a sign-in and a sign-out', async () => {
    await serve()
    const one = open()
    const other = open()
    await one.signIn(ada)
    await vi.waitFor(() => expect(other.getState().status).toBe('authenticated'), 5_000)
    await one.refresh()
    await vi.waitFor(() => expect(other.inspect().version).toBe(one.inspect().version), 5_000)
    expect(await other.getAccessToken()).toBe('access-2')
    await one.signOut()
    await vi.waitFor(() => expect(other.getState().status).toBe('unauthenticated'), 5_000)
    expect(open().getState().status).toBe('unauthenticated')
    expect(server.refreshes).toHaveLength(1)
  })

  it('sends nothing that would rotate while the storage cannot be written, and goes on when it can', async () => {
    await serve()
    const auth = open()
    await auth.signIn(ada)
    const text = readFileSync(path)
    writeFileSync(path, 'not ours')
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'storage_failed' })
    expect(server.refreshes).toEqual([])
    expect(auth.getState().status).toBe('authenticated')
    expect(await auth.getAccessToken()).toBe('access-1')
    writeFileSync(path, text)
    await vi.waitFor(() => auth.refresh(), { timeout: 15_000, interval: 500 })
    expect(server.refreshes).toHaveLength(1)
  })

  it('renews nothing where the file is read-only', async () => {
    await serve()
    await open().signIn(ada)
    const auth = open({ storage: file({ readOnly: true }) })
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'storage_failed' })
    expect(server.refreshes).toEqual([])
    expect(await auth.getAccessToken()).toBe('access-1')
  })

  it('saves again what could not be saved, and never sends the old token meanwhile', async () => {
    await serve()
    const auth = open()
    await auth.signIn(ada)
    const text = readFileSync(path)
    const failed = vi.fn()
    auth.on('storage_failed', failed)
    // Between the note and the save.
    const refresh = open({
      ports: {
        fetch: async (...args) => {
          const answer = await fetch(...args)
          if (String(args[0]).includes('refresh')) writeFileSync(path, 'not ours')
          return answer
        },
      },
    })
    refresh.on('storage_failed', failed)
    await refresh.refresh()
    expect(failed).toHaveBeenCalled()
    expect(await refresh.getAccessToken()).toBe('access-2')
    writeFileSync(path, text)
    await vi.waitFor(() => expect(file().read()?.refreshToken).toBe('refresh-2'), 10_000)
    expect(server.refreshes.map(({ sent }) => sent)).toEqual(['refresh-1'])
  })

  it('explains a refusal by the renewal that was cut short before it', async () => {
    await serve()
    const auth = open()
    await auth.signIn(ada)
    const { current } = server
    // A process that died between the server's answer and its own write.
    file().noteRenewal({ accessToken: 'access-1', refreshToken: current })
    await fetch(`${server.url}/auth/refresh-token`, {
      method: 'POST',
      body: JSON.stringify({ refresh_token: current }),
    })
    auth.dispose()
    const next = open()
    const over = vi.fn()
    next.on('signed_out', over)
    await vi.waitFor(() => expect(over).toHaveBeenCalled(), 10_000)
    expect(over).toHaveBeenCalledOnce()
    expect(over.mock.calls[0]?.[0]).toMatchObject({ reason: 'rejected', error: { code: 'rejected' } })
    expect(over.mock.calls[0]?.[0].error.message).toMatch(/cut short.*Sign in again/)
    expect(open().getState().status).toBe('unauthenticated')
  })

  it('renews at once after such a crash, while the server may forgive', async () => {
    await serve({ rotation: 'forgiving' })
    const auth = open()
    await auth.signIn(ada)
    const { current } = server
    file().noteRenewal({ accessToken: 'access-1', refreshToken: current })
    await fetch(`${server.url}/auth/refresh-token`, {
      method: 'POST',
      body: JSON.stringify({ refresh_token: current }),
    })
    auth.dispose()
    const next = open()
    await vi.waitFor(() => expect(file().read()?.refreshToken).toBe('refresh-2'), 10_000)
    expect(next.getState().status).toBe('authenticated')
  })

  it('lets a renewal under way come to its end when it is closed', async () => {
    await serve({ delay: () => 100 })
    const auth = open()
    await auth.signIn(ada)
    const renewal = auth.refresh()
    await vi.waitFor(() => expect(auth.inspect().refreshing).toBe(true))
    await Promise.all([renewal, auth.close()])
    expect(file().read()?.refreshToken).toBe('refresh-2')
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'disposed' })
  })

  it('is closed when the end of a session is stored, also where storage takes its time', async () => {
    await serve()
    const later = <T>(run: () => T) => new Promise<T>((resolve) => setTimeout(() => resolve(run()), 50))
    const shelf = file()
    const storage = {
      ...shelf,
      read: () => later(shelf.read),
      write: (session: StoredSession) => later(() => shelf.write(session)),
    }
    const auth = open({ storage })
    await auth.ready
    await auth.signIn(ada)
    server.end()
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'rejected' })
    await auth.close()
    expect(shelf.read()).toMatchObject({ refreshToken: null, record: { over: 'rejected' } })
  })

  it('is not made over a file that cannot be used', async () => {
    await serve()
    open()
    writeFileSync(path, '{"accessToken":"x"}')
    expect(() => open()).toThrow(/is not sealed/)
    rmSync(path)
    expect(() => open({ storage: file({ create: false }) })).toThrow(/is missing/)
  })

  it('may keep its session to itself', async () => {
    await serve()
    const auth = open({ storage: memoryStorage() })
    await auth.signIn(ada)
    await auth.refresh()
    expect(server.refreshes).toHaveLength(1)
  })
})
