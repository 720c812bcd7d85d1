// The Supabase entry. No part of supabase-js is in it; the app brings that for data, storage and realtime, if it wants to.
export { supabaseBackend } from '../backends/supabase.ts'
export type {
  SupabaseBackendOptions,
  SupabaseCredentials,
  SupabaseIdentity,
  SupabaseUser,
} from '../backends/supabase-types.ts'
export { type MoveOptions, type MoveOutcome, moveSupabaseSession } from './move-session.ts'
export type { WebStorage } from './old-session.ts'
export { type SupabaseClientLike, warnIfClientRefreshes } from './warn-if-client-refreshes.ts'
