import type { Auth } from '../../core/types.ts'
import type { Rig } from '../../rig.ts'

/** Any `auth`, whatever its user and credentials. */
export type AnyAuth = Auth<unknown, never>

const RIG = Symbol.for('keyturn.rig')
const RIGS = Symbol.for('keyturn.rigs')

/** The way into an `auth`; null if it was made by a production build of the kit. */
export const rigOf = (auth: AnyAuth): Rig | null => (auth as { [RIG]?: Rig })[RIG as never] ?? null

/** Every rig of the page that has not been disposed. */
export function rigsOfPage(): Rig[] {
  const refs = (globalThis as unknown as { [name: symbol]: WeakRef<Rig>[] | undefined })[RIGS] ?? []
  return refs.map((ref) => ref.deref()).filter((rig): rig is Rig => !!rig && !rig.disposed())
}
