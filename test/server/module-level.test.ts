import { cookieStorage, createAuth, memoryStorage, restBackend } from 'keyturn'
import { expect, test } from 'vitest'

const backend = restBackend({ baseUrl: 'https://api.example.test' })

test('on a server nobody signs in to an auth of a module: it would be one session for all visitors', async () => {
  const auth = createAuth({ backend, storage: cookieStorage() })
  const refused = { code: 'misconfigured', message: expect.stringContaining('one session for all visitors') }
  await expect(auth.signIn({ email: 'ada@example.test', password: 'x' })).rejects.toMatchObject(refused)
  await expect(auth.adopt({ accessToken: 'x' })).rejects.toMatchObject(refused)
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  expect(await auth.ready).toBe(auth.getState())
  expect(Object.isFrozen(auth)).toBe(true)
})

test('a process with a session of its own, in memory, may', async () => {
  const auth = createAuth({ backend, storage: memoryStorage() })
  await auth.adopt({ accessToken: 'x', user: { name: 'the program' } })
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'the program' } })
  auth.dispose()
})
