/** One process: the real host, sealed file, lock and watcher, over a computer of memory. */
import { type Auth, type Backend, isAuthError, type Ports } from 'keyturn'
import type { FakeTab } from 'keyturn/testing'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import type { RenewalNote } from '../../../src/node/host-storage.ts'
import { createKeeper } from '../../../src/node/keeper/create-keeper.ts'
import { type SealedFile, sealedFile } from '../../../src/node/sealed/sealed-file.ts'
import type { Sim } from '../world/sim.ts'
import type { User } from '../world/tab.ts'
import type { Computer } from './computer.ts'
import { ALL_KEYS, BINDING, FILE } from './file-shelf.ts'
import { inProcess, type Seat } from './machine.ts'

/** Signals that a page gets reach no process; what it holds on to are sockets, watches and open files. */
export function fakeOf({ machine, config }: Computer, page: FakeTab, name: string): FakeTab & { seat: Seat } {
  const seat = machine.boot(name, page.process)
  const nudge = (): void => {
    for (const each of seat.owned) if ('nudge' in each) (each as { nudge(): void }).nudge()
  }
  return {
    ...page,
    seat,
    wake: config.watch === 'lossy' ? nudge : () => {},
    held: () => ({ ...page.held(), owned: seat.owned.size }) as ReturnType<FakeTab['held']>,
  }
}

/** Opens the file. @throws AuthError where it cannot be used: the process ends before it has begun. */
export function openFile(computer: Computer, seat: Seat): SealedFile {
  const { machine } = computer
  // The key that is next is known before it seals.
  const keys = [...ALL_KEYS.slice(0, computer.keys).reverse(), ...ALL_KEYS.slice(computer.keys, computer.keys + 1)]
  const path = `/${seat.name}${FILE}`
  const within =
    <Args extends unknown[], T>(run: (...args: Args) => T) =>
    (...args: Args): T =>
      inProcess(machine, seat, () => run(...args))
  const create = !computer.made
  const file = within(sealedFile)({ path, keys, ...BINDING, create })
  // Whoever was killed meanwhile may have done nothing.
  if (seat.process.status !== 'closed') computer.made = true
  computer.known.set(seat.name, computer.keys)
  computer.lock = file.key
  return {
    ...file,
    read: within(file.read),
    write: within(file.write),
    noteRenewal: within(file.noteRenewal),
    renewing: within(() => ownNote(file.renewing(), seat)),
    retryWrite: within(file.retryWrite),
    reseal: within(file.reseal),
  }
}

/** Who looks whether a note is its own does so outside of `inProcess`, where its pid is that of this program; the id in it is that of this program as well. */
const ownNote = (note: RenewalNote | null, { pid }: Seat): RenewalNote | null =>
  note && (note.pid === pid ? { ...note, pid: PID } : { ...note, id: `process ${note.pid}` })
const PID = process.pid

export function startAuth(
  { world, computer }: Sim,
  storage: SealedFile,
  backend: Backend<User, unknown>,
  ports: Partial<Ports> & Pick<Ports, 'clock' | 'random'>,
): { readonly auth: Auth<User>; readonly close: () => Promise<void> } {
  const auth = createNodeAuth<User, unknown>({ backend, storage, ports })
  const checkEvery = computer?.config.keeper
  if (!checkEvery) return { auth, close: () => auth.close() }
  const { clock, random } = ports
  const keeper = createKeeper({
    auth: auth as Auth<unknown, never>,
    checkEvery,
    renewIfOlderThan: world.server.life * 500,
    clock,
    random,
  })
  return { auth, close: keeper.stop }
}

export const whyNot = (error: unknown): string => (isAuthError(error) ? error.message : String(error))
