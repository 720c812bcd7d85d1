import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Door, openDoor, waitAt } from './door.ts'
import { ownFolder } from './lock-folder.ts'

/**
 * Takes the lock `name`. Each holder listens on a socket with a number of its own, one more than the last; a killed holder's
 * socket stays and refuses connections. So that two who find it dead do not both take over:
 *
 * - a number is taken by `link`, which fails if the number is there, and the socket listens before it has a number;
 * - the highest number is never removed, and the lower ones only by the holder of a higher one. So a number that was removed
 *   can be taken again only by somebody who stood still, and who then finds a higher one and goes back in line.
 * @returns the way to let go
 */
export async function takeSeat(folder: string, name: string, signal: AbortSignal): Promise<() => void> {
  ownFolder(folder)
  const seat = (number: number) => join(folder, `${name}.${number}`)
  const numbers = () => seatsOf(readdirSync(folder), name)
  const top = () => Math.max(0, ...numbers())

  const outside = join(folder, `${name}-${randomBytes(4).toString('hex')}`)
  let door: Door | null = null
  try {
    for (;;) {
      signal.throwIfAborted()
      const last = top()
      if (last && (await waitAt(seat(last), signal)) !== 'dead') continue
      door ??= await openOutside(outside)
      signal.throwIfAborted()
      door.hold()
      if (!link(outside, seat(last + 1))) continue
      if (top() === last + 1) {
        remove(outside)
        for (const number of numbers()) if (number <= last) remove(seat(number))
        return door.close
      }
      // Others were served while this process stood still.
      remove(seat(last + 1))
      door.turnAway()
    }
  } catch (error) {
    door?.close()
    remove(outside)
    throw error
  }
}

const seatsOf = (names: readonly string[], name: string): number[] =>
  names
    .filter((file) => file.startsWith(`${name}.`))
    .map((file) => Number(file.slice(name.length + 1)))
    .filter(Number.isSafeInteger)

async function openOutside(path: string): Promise<Door> {
  const door = await openDoor(path)
  chmodSync(path, 0o600)
  return door
}

/** False: the name is taken. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Another has removed it.
  }
}
