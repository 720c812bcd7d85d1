import { misconfigured, SessionServiceError } from '../../contract/errors.ts'

/** A database driver is an optional peer: it is loaded when a store needs it, and named where it is missing. */
export function driver<Module>(name: 'redis' | 'pg', load: () => Promise<Module>): Promise<Module> {
  return load().catch((cause: unknown) => {
    throw misconfigured(`This store needs the package ${name}, which is not installed here: npm install ${name}`, cause)
  })
}

/** The store cannot be asked now. */
export const unavailable = (store: string, cause: unknown): SessionServiceError =>
  new SessionServiceError('store_unavailable', `${store} cannot be asked right now.`, { cause, retryAfter: 1 })

/** `work`, or a rejection after `ms`: a server that hangs must not hang its callers. */
export function within<Value>(work: Promise<Value>, ms: number, late?: () => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      late?.()
      reject(new Error(`No answer within ${ms} ms.`))
    }, ms)
    work.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
