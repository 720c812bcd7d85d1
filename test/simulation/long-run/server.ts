import { createMockAuth, type FakeClock, type MockAuth, type MockAuthOptions } from 'keyturn/testing'
import { stream } from '../world/random.ts'
import type { Tracker } from './tracker.ts'

/** The two ways of a request, in ms. */
export const THERE = 40
export const BACK = 60
/** Life of an access token, in seconds. */
export const LIFE = 3_600
/** Of the page and of its API. */
export const ORIGIN = 'https://app.example.test'
export const ADA = { email: 'ada@example.test', password: 'correct-horse' }

/** It remembers spent tokens, as it must, but no requests. */
export const SERVER: MockAuthOptions = {
  profile: 'strict',
  signing: 'none',
  tokenLifetime: LIFE,
  origin: ORIGIN,
  // An access token has 1.4 kB with it: enough for a leak of tokens to show in a heap that breathes.
  users: [{ ...ADA, data: { note: 'x'.repeat(400) } }],
  logLimit: 1,
}

/** What reached the server, and the cookies. */
export interface Tally {
  /** When each refresh reached the server, by `clock.elapsed()`. */
  readonly refreshes: number[]
  /** Refreshes with a token that was not the current one. */
  spent: number
  /** Answers other than 200. */
  refused: number
  /** Requests of the app. */
  requests: number
  writes: number
}

export interface Server {
  readonly mock: MockAuth
  /** The way there and back, the same for all tabs. */
  readonly fetch: typeof fetch
  readonly tally: Tally
}

/** @param stir to be called when something happens whose promises are to run before time goes on */
export function createServer(clock: FakeClock, stir: () => void, tracker: Tracker): Server {
  const mock = createMockAuth({ ...SERVER, clock, random: stream('long run') })
  const tally: Tally = { refreshes: [], spent: 0, refused: 0, requests: 0, writes: 0 }
  const way = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimeout(() => {
        stir()
        resolve()
      }, ms)
    })
  return {
    mock,
    tally,
    async fetch(input, init) {
      stir()
      if (init?.signal) tracker.track('signal of a call', init.signal)
      await way(THERE)
      const answered = mock.fetch(input, init)
      const entry = mock.log.at(-1)
      const response = await answered
      if (entry?.call === 'refresh') {
        tally.refreshes.push(clock.elapsed())
        if (entry.verdict !== 'rotated') tally.spent++
      }
      if (entry?.call === 'api') tally.requests++
      if (response.status !== 200) tally.refused++
      await way(BACK)
      return response
    },
  }
}
