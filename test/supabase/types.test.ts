/** What the compiler accepts. `npm run types` checks it: an error that is expected and missing is an error. */
import type { User } from '@supabase/supabase-js'
import { type Auth, createAuth, memoryStorage } from 'keyturn'
import {
  type MoveOutcome,
  moveSupabaseSession,
  type SupabaseCredentials,
  type SupabaseUser,
  supabaseBackend,
} from 'keyturn/supabase'
import { expectTypeOf, test } from 'vitest'
import { anonKey, url } from './project.ts'

const storage = memoryStorage()

test('the user and the credentials are inferred from the backend', () => {
  const auth = createAuth({ backend: supabaseBackend({ url, anonKey }), storage })
  expectTypeOf(auth).toEqualTypeOf<Auth<SupabaseUser, SupabaseCredentials>>()
  const toUser = ({ id, email = '' }: SupabaseUser) => ({ id, email })
  const named = createAuth({ backend: supabaseBackend({ url, anonKey, toUser }), storage })
  expectTypeOf(named.signIn).returns.resolves.toEqualTypeOf<{ id: string; email: string }>()
  expectTypeOf(moveSupabaseSession({ url, storage, toUser })).toEqualTypeOf<MoveOutcome>()
})

test("a user is one of supabase-js's, and the other way round", () => {
  expectTypeOf<SupabaseUser>().toExtend<User>()
  expectTypeOf<User>().toExtend<SupabaseUser>()
})

test('credentials are one of five kinds', () => {
  const password = 'correct-horse'
  const good: SupabaseCredentials[] = [
    { email: 'a@b.test', password },
    { phone: '+4912345', password, captchaToken: 'solved' },
    { anonymous: true },
    { anonymous: true, data: { theme: 'dark' }, captchaToken: undefined },
    { signUp: { email: 'a@b.test', password } },
    { signUp: { phone: '+4912345', password, data: { name: 'Ada' }, captchaToken: 'solved' } },
  ]
  expectTypeOf(good).items.toEqualTypeOf<SupabaseCredentials>()

  const bad = (credentials: SupabaseCredentials) => credentials
  // @ts-expect-error no password
  bad({ email: 'a@b.test' })
  // @ts-expect-error no address
  bad({ password })
  // @ts-expect-error two addresses
  bad({ email: 'a@b.test', phone: '+4912345', password })
  // @ts-expect-error anonymous, yet not
  bad({ anonymous: false })
  // @ts-expect-error anonymous, yet with an address
  bad({ anonymous: true, email: 'a@b.test', password })
  // @ts-expect-error nobody
  bad({ signUp: {} })
  // @ts-expect-error a sign-up and a sign-in
  bad({ signUp: { email: 'a@b.test', password }, email: 'a@b.test', password })
  // @ts-expect-error data only for somebody new
  bad({ email: 'a@b.test', password, data: {} })
  // @ts-expect-error not a way in
  bad({ provider: 'github' })
})

test('options are checked', () => {
  // @ts-expect-error no key
  const noKey = () => supabaseBackend({ url })
  // @ts-expect-error the name of another library
  const otherName = () => supabaseBackend({ url, anonKey, supabaseKey: anonKey })
  // @ts-expect-error nowhere to move to
  const noStorage = () => moveSupabaseSession({ url })
  expectTypeOf([noKey, otherName, noStorage]).toBeArray()
})
