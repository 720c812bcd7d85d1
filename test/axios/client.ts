import axios, { type AxiosError, type AxiosInstance, type CreateAxiosDefaults } from 'axios'
import type { AuthError } from 'keyturn'
import { type AttachAuthOptions, attachAuth } from 'keyturn/axios'
import { rejection, type Stage } from '../http/stage.ts'

/** The adapters of axios. Each case runs with every one of them that the environment has. */
export type AdapterName = 'http' | 'fetch' | 'xhr'

/** An app's axios instance for the API of the stage, with the session attached. */
export function createClient(
  { net, auth }: Stage,
  adapter: AdapterName,
  config: CreateAxiosDefaults = {},
  options?: AttachAuthOptions,
): AxiosInstance {
  const client = axios.create({ baseURL: net.origin, adapter, ...config })
  attachAuth(client, auth, options)
  return client
}

export type Failure = AxiosError & { readonly cause: AuthError }

/** The AxiosError of a request that must fail. */
export const failureOf = (promise: Promise<unknown>): Promise<Failure> => rejection<Failure>(promise)

export const times = <T>(count: number, run: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => run(i))
