import type { Channel, Ports, WakeReason } from '../core/ports.ts'
import { currentUrl } from './page.ts'

type CookieStore = EventTarget

const listen = (target: EventTarget | undefined, events: string, run: () => void): (() => void) => {
  const names = events.split(' ')
  for (const name of names) target?.addEventListener(name, run)
  return () => {
    for (const name of names) target?.removeEventListener(name, run)
  }
}

/** BroadcastChannel, or where it is missing a storage event as a bare ping. */
function openChannel(name: string, receive: (message: string) => void): Channel {
  if (typeof BroadcastChannel !== 'undefined') {
    const channel = new BroadcastChannel(name)
    channel.onmessage = (event) => receive(event.data)
    return { post: (message) => channel.postMessage(message), close: () => channel.close() }
  }
  const onStorage = (event: StorageEvent) => {
    if (event.key === name && event.newValue) receive(event.newValue)
  }
  addEventListener('storage', onStorage)
  return {
    post(message) {
      try {
        localStorage.setItem(name, message)
        localStorage.removeItem(name)
      } catch {
        // Storage is blocked: the other tabs find out when they wake, or at their next 401.
      }
    },
    close: () => removeEventListener('storage', onStorage),
  }
}

function onWake(wake: (reason: WakeReason) => void): () => void {
  const visible = () => {
    if (document.visibilityState === 'visible') wake('visible')
  }
  const stops = [
    listen(window, 'online', () => wake('online')),
    listen(window, 'focus pageshow', visible),
    listen(document, 'visibilitychange resume', visible),
    // Missing in some browsers, and on plain http.
    listen((globalThis as { cookieStore?: CookieStore }).cookieStore, 'change', () => wake('storage')),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** The ports of a page; on a server, those that a server has: no tabs, no signals, no page. */
export function browserPorts(readToken: Ports['readToken']): Ports {
  const page = typeof document !== 'undefined'
  return {
    clock: {
      now: () => Date.now(),
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    },
    random: Math.random,
    // crypto.randomUUID is missing on plain http.
    newId: () => Array.from({ length: 3 }, () => Math.random().toString(36).slice(2)).join(''),
    fetch: (...args) => fetch(...args),
    readToken,
    page: page ? { href: currentUrl } : null,
    // Missing on plain http.
    lock: page && navigator.locks ? (name, signal, task) => navigator.locks.request(name, { signal }, task) : null,
    openChannel: page ? openChannel : null,
    onWake: page ? onWake : () => () => {},
  }
}
