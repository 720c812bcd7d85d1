import { SessionServiceError } from '../../contract/errors.ts'
import { driver, unavailable, within } from '../shared/driver.ts'
import type { Script } from './scripts.ts'

type Module = typeof import('redis')

interface ScriptCall {
  readonly keys: string[]
  readonly arguments: string[]
}

/** What is used of the package's client. */
interface Client {
  readonly isOpen: boolean
  readonly isReady: boolean
  connect(): Promise<unknown>
  close(): Promise<unknown>
  destroy(): void
  get(key: string): Promise<string | null>
  zCount(key: string, least: string, most: string): Promise<number>
  info(): Promise<string>
  ping(): Promise<string>
  evalSha(sha: string, call: ScriptCall): Promise<unknown>
  eval(source: string, call: ScriptCall): Promise<unknown>
}

export interface ConnectionOptions {
  readonly url: string
  /** Milliseconds. */
  readonly timeout: number
}

export interface Connection {
  run<Value>(command: (client: Client) => Promise<Value>): Promise<Value>
  script(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>
  close(): Promise<void>
}

const NAME = 'Redis'
/** Commands that wait for an answer at once. More are refused instead of filling the memory. */
const MOST_WAITING = 20_000

function connectTo({ createClient }: Module, { url, timeout }: ConnectionOptions): Client {
  const client = createClient({
    url,
    // What cannot be sent now is refused now: the caller decides whether to ask again.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_WAITING,
    // `run` has a time limit of its own, for the whole way. The package's would cost more than all else that we do for a command.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: timeout,
      reconnectStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 6), 1_000) * (0.5 + Math.random() / 2),
    },
  })
  // Each failed attempt to connect is an event. Whoever asks meanwhile is told.
  client.on('error', () => {})
  return client
}

/** Words by which Redis says that the command itself was wrong: a defect of ours. All else passes. */
const OURS = /^(ERR|WRONGTYPE|NOSCRIPT) /

/**
 * One connection to one Redis, made at the first use, and made anew whenever it is lost or hangs. Nothing that was sent
 * is sent again.
 */
export function createConnection(options: ConnectionOptions): Connection {
  let current: Promise<Client> | null = null
  let live: Client | null = null

  const connect = async (): Promise<Client> => {
    const client = connectTo(await driver('redis', () => import('redis')), options)
    live = client
    const connected = client.connect()
    // It goes on trying behind the time limit below. The rejection of a client that was destroyed is nobody's business.
    connected.catch(() => {})
    await within(connected, options.timeout).catch(() => {})
    return client
  }
  /** Gives up a connection that hangs, or leads to a server that is no primary any more. The next command makes another. */
  const drop = (client: Client): void => {
    if (live !== client) return
    live = null
    current = null
    if (client.isOpen) client.destroy()
  }
  const run = async <Value>(command: (client: Client) => Promise<Value>): Promise<Value> => {
    current ??= connect().catch((error: unknown) => {
      current = null
      throw error
    })
    const client = await current
    if (!client.isReady) throw unavailable(NAME, new Error('not connected'))
    let late = false
    try {
      return await within(command(client), options.timeout, () => {
        late = true
      })
    } catch (error) {
      const text = error instanceof Error ? error.message : ''
      if (late || text.startsWith('READONLY')) drop(client)
      if (error instanceof SessionServiceError || OURS.test(text)) throw error
      throw unavailable(NAME, error)
    }
  }
  return Object.freeze({
    run,
    script: ({ sha, source }, keys, args) =>
      run(async (client) => {
        const given = { keys: [...keys], arguments: args.map(String) }
        try {
          return await client.evalSha(sha, given)
        } catch (error) {
          // Redis forgets scripts when it restarts.
          if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
          return client.eval(source, given)
        }
      }),
    async close() {
      const client = live
      live = null
      current = null
      if (client?.isReady) await client.close()
      else if (client?.isOpen) client.destroy()
    },
  } satisfies Connection)
}
