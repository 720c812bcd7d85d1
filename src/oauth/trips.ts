import { tabStore } from '../browser/leaving.ts'

/** What a page must know when the person comes back from the provider. Kept in the tab's own storage, by `state`. */
export interface Trip {
  readonly verifier: string
  readonly nonce: string
  readonly redirectUri: string
  readonly returnTo: string
  /** When the page was left, in ms since 1970. */
  readonly at: number
}

const NAME = 'keyturn-oauth.'
/** After this (ms) nobody is believed to come back. */
const LONGEST = 3_600_000
/** Where there is no storage: what is left behind in memory is gone when the page is. */
const TEXT = ['verifier', 'nonce', 'redirectUri', 'returnTo'] as const

function parse(text: string | null, now: number): Trip | null {
  try {
    const trip = JSON.parse(text ?? 'null')
    const whole = TEXT.every((name) => typeof trip?.[name] === 'string') && Number.isFinite(trip.at)
    return whole && Math.abs(now - trip.at) < LONGEST ? trip : null
  } catch {
    return null
  }
}

/** Remembers a trip, and forgets those that nobody came back from. Returns false where the browser keeps nothing. */
export function rememberTrip(state: string, trip: Trip): boolean {
  try {
    const store = tabStore()
    if (!store) return false
    const old = Array.from({ length: store.length }, (_, index) => store.key(index) ?? '')
    for (const key of old) if (key.startsWith(NAME) && !parse(store.getItem(key), trip.at)) store.removeItem(key)
    store.setItem(NAME + state, JSON.stringify(trip))
    return true
  } catch {
    return false
  }
}

/** The trip that began with this `state`; null if none did, here. */
export const findTrip = (state: string, now: number): Trip | null => {
  try {
    return parse(tabStore()?.getItem(NAME + state) ?? null, now)
  } catch {
    return null
  }
}

/** A trip is used once. */
export const forgetTrip = (state: string): void => tabStore()?.removeItem(NAME + state)
