import type { Page } from 'playwright-core'
import type { RunOptions } from '../harness/run.ts'
import type { AuthServer, Person } from '../harness/types.ts'

/** A server with the kit set up for it. */
export interface Setup {
  readonly server: AuthServer
  /** The app's `auth.ts`. */
  readonly auth: URL
  readonly page?: NonNullable<RunOptions['page']>
  /** Life of an access token in seconds. Default: 6. */
  readonly accessLife?: number
  /** Where the protected API is, as the app asks for it; default: `/api/echo`. */
  readonly echo?: string
  /** Default GET; POST where the server takes one, to see that the body is repeated. */
  readonly method?: 'GET' | 'POST'
  /** Signs in by leaving the page; the tab is on the page again when it resolves. Default: `auth.signIn`. */
  readonly signIn?: (tab: Page, person: Person) => Promise<void>
  /** How many refreshes there are until somebody is signed in, with so many tabs open. Default: none. */
  readonly refreshesBefore?: (tabs: number) => number
  /** What a wrong password is answered, as the server says it. Absent for a sign-in by redirect. */
  readonly wrongPassword?: RegExp
  /** Not at the same time: the server loses sessions of one person that are renewed at the same moment. */
  readonly serial?: boolean
}
