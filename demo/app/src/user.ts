/** A user as the demo's API shows it. */
export interface User {
  readonly id: string
  readonly email: string
  readonly user_metadata: { readonly name?: string }
}

export const nameOf = (user: User): string => user.user_metadata.name ?? user.email
