import type { ReactNode } from 'react'
import { isAuthError } from '../../core/errors.ts'
import type { ServerFault } from '../break/faults.ts'
import { useAgain, useAuthState, type Watched } from './use-devtools.ts'

const FAULTS: readonly (readonly [ServerFault, string])[] = [
  ['none', 'as it does'],
  ['offline', 'not at all (offline)'],
  ['429', '429, come back in 5 s'],
  ['500', '500'],
  ['hang', 'never (hangs)'],
]

/** What can be done to the session, and broken on purpose. All but signing out is for this tab only. */
export function Actions({ watched, say }: { watched: Watched; say: (text: string) => void }): ReactNode {
  const { auth, faults } = watched
  const again = useAgain()
  const signedIn = useAuthState(auth).status === 'authenticated'
  const attempt = async (work: () => Promise<string>) => {
    try {
      say(await work())
    } catch (error) {
      say(isAuthError(error) ? `${error.code}: ${error.message}` : 'That failed.')
    }
    again()
  }
  const button = (name: string, able: boolean, work: () => Promise<string> | string, kind = '') => (
    <button
      type="button"
      className={`tool ${kind}`}
      aria-disabled={!able || undefined}
      onClick={() => able && void attempt(async () => work())}
    >
      {name}
    </button>
  )
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot scroll sideways
    <div className="actions" role="group" aria-label="Actions">
      {button('Renew now', signedIn, async () => {
        await auth.refresh()
        return 'Renewed.'
      })}
      {button('Expire now', signedIn && !!faults, () => {
        faults?.expire()
        return 'The server refuses the access token from now on, until it is renewed. Send a request.'
      })}
      {button('Drop refresh token', signedIn && !!faults?.dropRefreshToken, () => {
        faults?.dropRefreshToken?.()
        return 'The next refresh presents a refresh token that the server does not know.'
      })}
      {faults && (
        <>
          <label>
            Auth server answers
            <select
              value={faults.server()}
              onChange={({ target }) => {
                faults.setServer(target.value as ServerFault)
                again()
              }}
            >
              {FAULTS.map(([fault, words]) => (
                <option key={fault} value={fault}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            className="tool"
            aria-pressed={faults.refused()}
            onClick={() => {
              faults.setRefused(!faults.refused())
              again()
            }}
          >
            Requests get 401
          </button>
        </>
      )}
      {button('Sign out here', signedIn, () => signOut(auth.signOut(), 'Signed out'), 'danger')}
      {button(
        'Sign out everywhere',
        signedIn,
        () => signOut(auth.signOut({ scope: 'global' }), 'Signed out on all devices'),
        'danger',
      )}
    </div>
  )
}

async function signOut(done: Promise<{ readonly revoked: boolean }>, words: string): Promise<string> {
  const { revoked } = await done
  return `${words}. The server ${revoked ? 'confirmed it' : 'was not reached'}.`
}
