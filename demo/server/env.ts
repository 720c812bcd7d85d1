/** A Supabase project, or whatever speaks like one. */
export interface SupabaseProject {
  readonly supabaseUrl: string
  readonly anonKey: string
}

/** The project named by `SUPABASE_URL` and `SUPABASE_ANON_KEY`; null when they are not both set. */
export function projectFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SupabaseProject | null {
  const { SUPABASE_URL: supabaseUrl, SUPABASE_ANON_KEY: anonKey } = env
  return supabaseUrl && anonKey ? { supabaseUrl, anonKey } : null
}
