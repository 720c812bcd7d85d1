// @vitest-environment jsdom
import type { SupabaseClient } from '@supabase/supabase-js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ada } from './official-client.ts'
import { encoded, key, writeCookies } from './old-sessions.ts'
import { anonKey } from './project.ts'
import { loadAuth, recipeOnPage, serve } from './recipe-page.ts'
import { membersOf } from './recipes.ts'

const recipe = recipeOnPage('move-from-supabase-js.md')

test('has these blocks, and each is used here', () => {
  expect(recipe.names).toEqual(['before.ts', 'auth.ts', 'supabase.ts', 'watch.ts', 'server.ts'])
})

test('compiles', () => expect(recipe.compile()).toBe(''))

/** The app as it was, and somebody who signs in to it. */
async function useOldApp(): Promise<SupabaseClient> {
  const { supabase } = await recipe.load<{ supabase: SupabaseClient }>('before.ts')
  onTestFinished(() => supabase.auth.stopAutoRefresh())
  expect((await supabase.auth.signInWithPassword(ada)).error).toBeNull()
  return supabase
}

test('nobody has to sign in again, and the old client finds nothing to refresh', async () => {
  const { bearers, mock } = serve()
  const old = await useOldApp()
  const { auth, outcome } = await loadAuth(recipe)
  expect(outcome).toBe('moved')
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { email: ada.email } })

  const { supabase } = await recipe.load<{ supabase: SupabaseClient }>('supabase.ts')
  expect((await supabase.from('notes').select()).data).toEqual([{ text: `a note of ${ada.email}` }])
  expect(bearers).toEqual([`Bearer ${await auth.getAccessToken()}`])
  expect(await old.auth.getSession()).toMatchObject({ data: { session: null } })
  await auth.refresh()
  expect(mock.count('refresh')).toBe(1)
  expect(mock.count('sign_in')).toBe(1)
})

test('the next page load finds the session where it is now', async () => {
  serve()
  await useOldApp()
  const first = await loadAuth(recipe)
  const user = first.auth.getState().user
  vi.resetModules()
  const { auth, outcome } = await loadAuth(recipe)
  expect(outcome).toBe('none')
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user })
})

test('a session of @supabase/ssr moves, and the server reads the token from the cookie', async () => {
  const { bearers } = serve()
  await useOldApp()
  // The same session, as that library would keep it.
  const session = JSON.parse(String(localStorage.getItem(key)))
  localStorage.clear()
  writeCookies(encoded(session))
  const { auth, outcome } = await loadAuth(recipe)
  expect(outcome).toBe('moved')

  type Server = { supabaseFor: (cookie: (name: string) => string | undefined) => SupabaseClient }
  const { supabaseFor } = await recipe.load<Server>('server.ts')
  const sent = new Map(document.cookie.split('; ').map((pair) => pair.split('=') as [string, string]))
  const read = (cookies: Map<string, string>) =>
    supabaseFor((name) => cookies.get(name))
      .from('notes')
      .select('text')
  expect((await read(sent)).data).toEqual([{ text: `a note of ${ada.email}` }])
  expect((await read(new Map())).data).toEqual([])
  const token = String(await auth.getAccessToken())
  const parts = new Map([
    ['auth-token', token.slice(0, 50)],
    ['auth-token.1', token.slice(50)],
  ])
  expect((await read(parts)).data).toHaveLength(1)
  expect(bearers).toEqual([`Bearer ${token}`, `Bearer ${anonKey}`, `Bearer ${token}`])
})

test('the watch has nothing to say of the client as it is made there', async () => {
  serve()
  await useOldApp()
  await loadAuth(recipe)
  const warn = vi.spyOn(console, 'warn').mockClear()
  await recipe.load('watch.ts')
  expect(warn).not.toHaveBeenCalled()
})

test('tells of every option and every outcome', () => {
  const members = [
    ...membersOf('src/supabase/move-session.ts', 'MoveOptions'),
    ...membersOf('src/supabase/move-session.ts', 'MoveOutcome'),
  ]
  expect(members.length).toBeGreaterThan(9)
  expect(members.filter((member) => !recipe.markdown.includes(`\`${member}\``))).toEqual([])
})
