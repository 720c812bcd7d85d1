import { createMockAuth, type MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { manualClock, seeded, supabaseClient } from '../auth-client.ts'

const users = [
  { email: 'ada@example.test', password: 'correct-horse' },
  { email: 'grace@example.test', password: 'battery-staple' },
  { email: 'new@example.test', password: 'not-yet-there', confirmed: false },
]
export const secret = 'a-secret-known-to-the-test-that-is-long-enough'

/** The mock in its Supabase dialect, with a client, on a clock that the test moves. */
export function server(options: MockAuthOptions = {}) {
  const clock = manualClock()
  const mock = createMockAuth({ clock, random: seeded(), profile: 'hosted', users, jwtSecret: secret, ...options })
  return { clock, mock, client: supabaseClient(mock) }
}
