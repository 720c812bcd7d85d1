import type { Case } from '../case.ts'
import { accessToken } from './access-token.ts'
import { anonymousUsers } from './anonymous.ts'
import { bearer } from './bearer.ts'
import { confirmationFirst } from './confirmation.ts'
import { cors } from './cors.ts'
import { logout } from './logout.ts'
import { mailLimits } from './mail-limits.ts'
import { otherEndpoints } from './other-endpoints.ts'
import { passwordGrant } from './password.ts'
import { passwordRules } from './password-rules.ts'
import { rateLimitCases } from './rate-limits.ts'
import { refresh } from './refresh.ts'
import { refreshRefused } from './refresh-refused.ts'
import { rotationStrict } from './rotation-strict.ts'
import { rotationV1 } from './rotation-v1.ts'
import { rotationV2 } from './rotation-v2.ts'
import { rotationV2Headers } from './rotation-v2-headers.ts'
import { sessionLimits } from './session-limits.ts'
import { signUpAnswers } from './sign-up.ts'
import { signUpRefused } from './sign-up-refused.ts'
import { user } from './user.ts'

/** Every case, in the order in which they are run. */
export const cases: readonly Case[] = [
  ...refresh,
  ...refreshRefused,
  ...rotationV1,
  ...rotationV2,
  ...rotationV2Headers,
  ...rotationStrict,
  ...sessionLimits,
  ...signUpAnswers,
  ...signUpRefused,
  ...confirmationFirst,
  ...mailLimits,
  ...anonymousUsers,
  ...passwordGrant,
  ...passwordRules,
  ...accessToken,
  ...bearer,
  ...logout,
  ...user,
  ...rateLimitCases,
  ...cors,
  ...otherEndpoints,
]
