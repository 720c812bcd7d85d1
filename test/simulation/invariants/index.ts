import type { Sim } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'
import { noAccidentalSignOut } from './accident.ts'
import { agreement } from './agreement.ts'
import { boundedEffort } from './effort.ts'
import { oneUserPerRequest } from './identity.ts'
import { renewalIsNoted } from './noted.ts'
import { noSpentToken } from './rotation.ts'
import { noTokenTold } from './secrecy.ts'
import { everyPromiseSettles } from './settling.ts'
import { signedOutMeansOut } from './signed-out.ts'
import { silentAfterDispose } from './silence.ts'
import { sessionKept } from './survival.ts'
import { fileIsWhole } from './whole.ts'
import { wishesCount } from './wishes.ts'

/** The letters are those of the list in docs/correctness.md. */
export type InvariantName =
  | 'a no accidental sign-out'
  | 'b no spent token'
  | 'c session kept'
  | 'd signed out means out'
  | 'e one user per request'
  | 'f every promise settles'
  | 'g bounded effort'
  | 'h agreement'
  | 'i silent after dispose'
  | 'j no token told'
  | 'k the file is whole'
  | 'l a renewal is noted'

export const createInvariants = (sim: Sim): readonly Watch[] => [
  noAccidentalSignOut(sim),
  noSpentToken(sim),
  sessionKept(sim),
  signedOutMeansOut(sim),
  oneUserPerRequest(sim),
  everyPromiseSettles(sim),
  boundedEffort(sim),
  agreement(sim),
  silentAfterDispose(sim),
  noTokenTold(sim),
  fileIsWhole(sim),
  renewalIsNoted(sim),
  wishesCount(sim),
]
