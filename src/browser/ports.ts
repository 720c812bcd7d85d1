import type { Channel, Ports, WakeReason } from '../core/ports.ts'
import { baseUrl, currentUrl } from './page.ts'
import { cookieStore, settle } from './settle.ts'

function onWake(wake: (reason: WakeReason) => void): () => void {
  const over = new AbortController()
  const listen = (target: EventTarget | undefined, events: string, run: () => void) => {
    for (const event of events.split(' ')) target?.addEventListener(event, run, over)
  }
  // A worker has none.
  const page: Document | undefined = globalThis.document
  const visible = () => {
    if (page?.visibilityState === 'visible') wake('visible')
  }
  listen(globalThis, 'online', () => wake('online'))
  listen(globalThis, 'focus pageshow', visible)
  listen(page, 'visibilitychange resume', visible)
  listen(cookieStore(), 'change', () => wake('storage'))
  return () => over.abort()
}

function openChannel(name: string, receive: (message: string) => void): Channel {
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }) => receive(data)
  return { post: (message) => channel.postMessage(message), close: () => channel.close() }
}

/**
 * The ports of a page or of a browser's worker; on a server, those that a server has: no tabs, no signals, no page. Making
 * them starts nothing: edge runtimes allow no timer, controller or random number while a module is loaded.
 */
export function browserPorts(readToken: Ports['readToken']): Ports {
  const page = typeof document !== 'undefined'
  // Only a browser has these two. Node has channels as well, but no tabs; and one keeps the process alive.
  const browser = page || 'importScripts' in globalThis
  const locks = browser ? navigator.locks : null
  return {
    clock: {
      now: () => Date.now(),
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    },
    random: () => Math.random(),
    newId: () => crypto.getRandomValues(new Uint32Array(4)).join('-'),
    fetch: (...args) => fetch(...args),
    readToken,
    page: page ? { href: currentUrl, base: baseUrl } : null,
    // Missing on plain http.
    lock: locks ? (name, signal, task) => locks.request(name, { signal }, task) : null,
    settle: browser ? settle : null,
    openChannel: browser ? openChannel : null,
    onWake: browser ? onWake : () => () => {},
  }
}
