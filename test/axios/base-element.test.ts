// @vitest-environment jsdom
import axios from 'axios'
import { createAuth, memoryStorage } from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import { expect, test } from 'vitest'
import { startApi } from '../http/api-server.ts'

test('a <base> that leads relative addresses to another origin does not lead the token there', async () => {
  const other = await startApi()
  document.head.innerHTML = `<base href="${other.origin}/">`
  const backend = {
    signIn: async () => ({ accessToken: 'secret', refreshToken: 'refresh' }),
    refresh: async () => ({ type: 'extended', expiresIn: 60 }) as const,
    signOut: async () => {},
  }
  const auth = createAuth({ backend, storage: memoryStorage() })
  await auth.signIn({})
  const client = axios.create({ adapter: 'xhr' })
  attachAuth(client, auth)
  await client.get('/x').catch(() => {})
  const seen = other.requests.map(({ token }) => token)
  auth.dispose()
  await other.close()
  expect(seen).toEqual([null])
})
