import type { Auth, AuthState } from '../core/types.ts'

/**
 * Tell the hooks once what your user and your credentials look like, instead of at each call:
 *
 * ```ts
 * declare module 'keyturn/react' {
 *   interface AuthTypes {
 *     user: { id: string; name: string }
 *     credentials: { email: string; password: string }
 *   }
 * }
 * ```
 *
 * Like `useAuth<User>()` this is a promise of yours, not a check at run time.
 */
// biome-ignore lint/suspicious/noEmptyInterface: apps add the members
export interface AuthTypes {}

/** The user type where none is given: {@link AuthTypes} `user`, else `unknown`. */
export type DefaultUser = AuthTypes extends { user: infer User } ? User : unknown

/** The credentials type where none is given: {@link AuthTypes} `credentials`, else `unknown`. */
export type DefaultCredentials = AuthTypes extends { credentials: infer Credentials } ? Credentials : unknown

/**
 * What `useAuth()` returns: the state, a union on `status`, and what a component can do about it. The same object for
 * all components until the state changes; the functions never change and need no `this`.
 */
export type AuthView<User = DefaultUser, Credentials = DefaultCredentials> = AuthState<User> &
  Pick<Auth<User, Credentials>, 'signIn' | 'signOut' | 'adopt' | 'refresh' | 'reloadUser' | 'getAccessToken'>
