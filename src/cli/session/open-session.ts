import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { misuse } from '../../core/errors.ts'
import type { MaybePromise } from '../../core/types.ts'
import type { NodeAuth } from '../../node/create-node-auth.ts'
import type { WebSession } from '../../web-session/create-web-session.ts'

/** What a session can do for these commands. A web session does it all; any other has an `auth`, and what it adds. */
export interface KeptSession extends Partial<Omit<WebSession, 'auth'>> {
  readonly auth: NodeAuth<unknown, never>
}

/** What the file `keyturn.config.mjs` exports as default. */
export type OpenSession = (context: {
  /** As told by `--profile`. Default: `default`. */
  readonly profile: string
  /** The files may be made: this is the command that begins a session. */
  readonly create: boolean
}) => MaybePromise<KeptSession>

const NAMES = ['keyturn.config.mjs', 'keyturn.config.js']

/** @throws AuthError `misconfigured` when there is no such file, or it exports something else; what the file throws itself */
export async function openSession(given: string | undefined, profile: string, create: boolean): Promise<KeptSession> {
  const file = (given ? [given] : NAMES).map((name) => resolve(name)).find(existsSync)
  if (!file)
    misuse(
      given
        ? `There is no file ${resolve(given)}.`
        : `There is no ${NAMES[0]} in ${resolve('.')}. It exports how to open your session: see docs/web-session.md.`,
    )
  const { default: open } = (await import(pathToFileURL(file).href)) as { default?: OpenSession }
  if (typeof open !== 'function')
    misuse(`${file} must export a function as default: ({ profile, create }) => createWebSession({ … }).`)
  const session = await open({ profile, create })
  if (!session?.auth?.getState)
    misuse(`The function that ${file} exports must return a session: an object with an auth.`)
  return session
}
