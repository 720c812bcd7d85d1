import { afterEach, describe, expect, test, vi } from 'vitest'
import { browserPorts } from '../../src/browser/ports.ts'
import { readToken } from '../../src/tokens/read-token.ts'

afterEach(() => vi.unstubAllGlobals())

/** What an edge runtime forbids while a module is loaded. */
function forbid() {
  const forbidden = () => {
    throw new Error('Disallowed operation called within global scope.')
  }
  for (const name of ['setTimeout', 'setInterval', 'AbortController', 'fetch', 'BroadcastChannel'])
    vi.stubGlobal(name, forbidden)
  vi.stubGlobal('crypto', { getRandomValues: forbidden, randomUUID: forbidden })
}

describe('where there is no document', () => {
  test('making the ports, and listening for signals, does nothing that an edge runtime forbids', () => {
    forbid()
    const ports = browserPorts(readToken)
    const stop = ports.onWake(() => {})
    stop()
    expect(ports).toMatchObject({ page: null, lock: null, openChannel: null, settle: null })
  })
})

describe('a worker of a browser has locks and channels, but no document', () => {
  test('and gets them, so that what it shares with pages is not renewed twice', async () => {
    const request = vi.fn((_name: string, _options: object, task: () => Promise<void>) => task())
    vi.stubGlobal('importScripts', () => {})
    vi.stubGlobal('navigator', { locks: { request } })
    const { lock, openChannel, page } = browserPorts(readToken)
    const task = vi.fn(async () => {})
    await lock?.('name', new AbortController().signal, task)
    expect(task).toHaveBeenCalledTimes(1)
    expect(page).toBeNull()
    const channel = openChannel?.('name', () => {})
    expect(channel).toBeDefined()
    channel?.close()
  })

  test('without Web Locks it has none', () => {
    vi.stubGlobal('importScripts', () => {})
    vi.stubGlobal('navigator', {})
    expect(browserPorts(readToken).lock).toBeNull()
  })

  test('it hears when the network is back', () => {
    const heard: string[] = []
    const target = new EventTarget()
    vi.stubGlobal('importScripts', () => {})
    vi.stubGlobal('navigator', {})
    vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
    const stop = browserPorts(readToken).onWake((reason) => heard.push(reason))
    target.dispatchEvent(new Event('online'))
    stop()
    target.dispatchEvent(new Event('online'))
    expect(heard).toEqual(['online'])
  })
})
