/**
 * The demo's server for a site without one: the same handler, in a worker that all tabs and frames of the site share. It has
 * the clock, the sessions and the log; it ends with the last tab of the tour.
 */
import { createDemoHandler } from '../server/demo-handler.ts'
import { type Answered, packResponse, type Sent, unpackRequest } from './wire.ts'

/** What the browser's jar would hold. A worker's answers can set no HttpOnly cookie, so it stays here, where no page can read it. */
let kept: string | null = null

const { handle, cut } = createDemoHandler({
  profile: 'strict',
  tokenLifetime: 600,
  access: 'mock',
  cookies: {
    read: () => kept,
    write: (_context, token) => {
      kept = token
    },
  },
  other: null,
})

async function answer({ data, ports: [reply] }: MessageEvent<Sent>): Promise<void> {
  // Who asks waits for an answer, whatever fails here: then it is a broken connection.
  let answered: Answered = null
  try {
    const request = unpackRequest(data)
    if (!cut(new URL(request.url).pathname)) answered = await packResponse(await handle(request))
  } finally {
    reply?.postMessage(answered)
  }
}

self.addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports
  port?.addEventListener('message', (message) => void answer(message))
  port?.start()
})
