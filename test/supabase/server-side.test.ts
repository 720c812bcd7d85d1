import { cookieStorage, createAuth } from 'keyturn'
import { moveSupabaseSession, supabaseBackend } from 'keyturn/supabase'
import { expect, test } from 'vitest'
import { anonKey, url } from './project.ts'

test('on a server the same module loads, moves nothing and finds nobody', async () => {
  const storage = cookieStorage()
  expect(moveSupabaseSession({ url, storage })).toBe('none')
  const auth = createAuth({ backend: supabaseBackend({ url, anonKey }), storage })
  expect(await auth.ready).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  auth.dispose()
})
