import axios from 'axios'
import { type AxiosCacheInstance, buildMemoryStorage, setupCache } from 'axios-cache-interceptor'
import type { Auth } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

export function cachedApi(auth: Auth, baseURL: string): AxiosCacheInstance {
  const storage = buildMemoryStorage()
  const instance = axios.create({ baseURL })
  attachAuth(instance, auth)
  // A cache per person.
  auth.on('user_changed', () => void storage.clear?.())
  return setupCache(instance, { storage })
}
