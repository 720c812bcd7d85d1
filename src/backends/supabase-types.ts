/** A user as Supabase Auth tells it. Takes the place of supabase-js's `User`, and the other way round. */
export interface SupabaseUser {
  readonly id: string
  readonly aud: string
  readonly role?: string
  /** Empty when there is none, as for anonymous users. */
  readonly email?: string
  readonly phone?: string
  /** Written by the server, for instance `provider`. */
  readonly app_metadata: Record<string, unknown>
  /** Written by the user: not to be trusted for permissions. */
  readonly user_metadata: Record<string, unknown>
  /** Empty for anonymous users, and in the answer to a sign-up with an address that somebody has already. */
  readonly identities?: SupabaseIdentity[]
  readonly is_anonymous?: boolean
  readonly new_email?: string
  readonly new_phone?: string
  /** Times are ISO 8601 (RFC 3339), absent for what has not happened. */
  readonly created_at: string
  readonly updated_at?: string
  readonly confirmed_at?: string
  readonly email_confirmed_at?: string
  readonly phone_confirmed_at?: string
  readonly last_sign_in_at?: string
}

export interface SupabaseIdentity {
  readonly id: string
  readonly user_id: string
  readonly identity_id: string
  readonly provider: string
  readonly identity_data?: Record<string, unknown>
  readonly created_at?: string
  readonly updated_at?: string
  readonly last_sign_in_at?: string
}

interface Captcha {
  /** What the captcha widget gave, where the project asks for one. */
  readonly captchaToken?: string | undefined
}

interface Data {
  /** Becomes the user's `user_metadata`. */
  readonly data?: Readonly<Record<string, unknown>> | undefined
}

interface Email {
  readonly email: string
  readonly phone?: never
  readonly password: string
}

interface Phone {
  readonly phone: string
  readonly email?: never
  readonly password: string
}

/**
 * What `auth.signIn` takes with this backend.
 *
 * - `{ email, password }`, `{ phone, password }`: signs in.
 * - `{ anonymous: true }`: makes a user without address or password, and signs in as that.
 * - `{ signUp: { email, password } }`, or with `phone`: makes an account and signs in. A project that has addresses
 *   confirmed first answers without a session: the sign-in then fails with `interaction_required`.
 */
export type SupabaseCredentials =
  | ((Email | Phone) & Captcha & { readonly signUp?: never; readonly anonymous?: never })
  | ({ readonly anonymous: true; readonly signUp?: never; readonly password?: never } & Data & Captcha)
  | { readonly signUp: (Email | Phone) & Data & Captcha; readonly anonymous?: never }

export interface SupabaseBackendOptions<User = SupabaseUser> {
  /** The address of the project, such as `https://abc.supabase.co`. Without `/auth/v1`. */
  readonly url: string
  /** The anon key or the publishable key. Never the service_role or a secret key: those open the whole database. */
  readonly anonKey: string
  /** Makes the app's user from Supabase's. Default: as it came, all of it. It is stored beside the tokens. */
  readonly toUser?: (user: SupabaseUser) => User
}
