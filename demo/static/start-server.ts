import { http } from 'msw'
import { setupWorker } from 'msw/browser'
import serverUrl from './server-worker.ts?sharedworker&url'
import { packRequest, type Sent, unpackResponse } from './wire.ts'

const interceptorUrl = new URL(`${import.meta.env.BASE_URL}mockServiceWorker.js`, location.href).href

/**
 * Lets this page's requests to `/api/` be answered by the server in the shared worker: msw's service worker catches them
 * and asks this page, and the page asks the server. Each tab and each frame calls it once, before its first request.
 *
 * Rejects where the browser has no shared workers or, as on plain http, no service workers.
 */
export async function startServer(): Promise<void> {
  if (!('serviceWorker' in navigator) || typeof SharedWorker === 'undefined')
    throw new Error('The server of this tour runs in a shared worker and a service worker. This browser has not both.')
  trustOnly([interceptorUrl, new URL(serverUrl, location.href).href])
  const { port } = new SharedWorker(serverUrl, { type: 'module', name: 'keyturn-tour' })
  port.start()
  const ask = (sent: Sent): Promise<Response> =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = ({ data }) => {
        resolve(unpackResponse(data))
        port1.close()
      }
      port.postMessage(sent, [port2])
    })
  const worker = setupWorker(http.all('/api/*', async ({ request }) => ask(await packRequest(request))))
  await worker.start({ quiet: true, onUnhandledRequest: 'bypass', serviceWorker: { url: interceptorUrl } })
  // While nobody looks, a browser stops service workers, and msw's then forgets whose requests it catches.
  document.addEventListener('visibilitychange', () => navigator.serviceWorker.controller?.postMessage('MOCK_ACTIVATE'))
}

interface TrustedTypes {
  readonly createPolicy: (name: string, rules: { readonly createScriptURL: (url: string) => string }) => unknown
}

/** The page's policy trusts no text. Of scripts, the two workers may be started, for msw names its own by a text. */
function trustOnly(urls: readonly string[]): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  trustedTypes?.createPolicy('default', {
    createScriptURL(url) {
      if (urls.includes(new URL(url, location.href).href)) return url
      throw new TypeError(`The tour starts no script from ${url}`)
    },
  })
}
