// @vitest-environment jsdom
import type { SupabaseClient } from '@supabase/supabase-js'
import { configure, fireEvent, render, screen } from '@testing-library/react'
import { type ComponentType, createElement } from 'react'
import { expect, test, vi } from 'vitest'
import { rejection } from '../http/stage.ts'
import { ada } from './official-client.ts'
import { anonKey, url } from './project.ts'
import { loadAuth, recipeOnPage, serve } from './recipe-page.ts'
import { membersOf } from './recipes.ts'

const grace = { email: 'grace@example.test', password: 'battery-staple' }
const recipe = recipeOnPage('supabase.md')

/** Longer than any machine takes, however busy. */
const PATIENCE = { timeout: 60_000 }
configure({ asyncUtilTimeout: PATIENCE.timeout })

test('has these blocks, and each is used here', () => {
  expect(recipe.names).toEqual([
    'project.ts',
    'auth.ts',
    'supabase.ts',
    'notes.ts',
    'sign-in.tsx',
    'app.tsx',
    'account.ts',
    'callback.ts',
    'auth-with-links.ts',
    'session.test.ts',
  ])
})

test('compiles', () => expect(recipe.compile()).toBe(''))

/** Fills in the form and sends it. */
function submit({ email, password }: typeof ada, isNew = false) {
  fireEvent.change(screen.getByLabelText('E-mail'), { target: { value: email } })
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: password } })
  if (isNew) fireEvent.click(screen.getByLabelText('I am new here'))
  fireEvent.click(screen.getByText('Go'))
}
async function openApp() {
  const { auth } = await loadAuth(recipe)
  const { App } = await recipe.load<{ App: ComponentType }>('app.tsx')
  const { listNotes } = await recipe.load<{ listNotes: () => Promise<string[]> }>('notes.ts')
  render(createElement(App))
  return { auth, listNotes }
}

test('somebody signs up, sees data, and signs out', async () => {
  const { bearers, mock } = serve()
  const { auth, listNotes } = await openApp()
  expect(await listNotes()).toEqual([])
  submit(grace, true)
  const leave = await screen.findByText(`Sign out ${grace.email}`)
  expect(await listNotes()).toEqual([`a note of ${grace.email}`])
  expect(bearers).toEqual([`Bearer ${anonKey}`, `Bearer ${await auth.getAccessToken()}`])

  fireEvent.click(leave)
  await screen.findByText('Go')
  expect(await listNotes()).toEqual([])
  expect(mock.admin.sessions().filter(({ live }) => live)).toEqual([])
})

test('a wrong password is told in the words of the server', async () => {
  serve()
  await openApp()
  submit({ ...ada, password: 'wrong' })
  await screen.findByText('Invalid login credentials')
})

test('a sign-up that must be confirmed, and a server that is away, are told in words of the app', async () => {
  const { mock } = serve({ autoConfirm: false })
  await openApp()
  submit(grace, true)
  await screen.findByText(/sent you a mail/)
  mock.faults.always('*', { type: 'drop' })
  submit(grace)
  await screen.findByText(/cannot be reached/)
})

test('the user is changed, and the session knows', async () => {
  serve({ anonymousSignIns: true })
  const { auth } = await loadAuth(recipe)
  const { updateUser } = await recipe.load<{ updateUser: (change: object) => Promise<void> }>('account.ts')
  await auth.signIn({ anonymous: true })
  await updateUser({ email: grace.email, data: { name: 'Grace' } })
  expect(auth.getState()).toMatchObject({ user: { email: grace.email, name: 'Grace' } })
  expect(await rejection(updateUser({ password: '1' }))).toMatchObject({ message: /at least 6 characters/ })
})

test('realtime follows the session', async () => {
  // Two tokens of one second would be the same text, were it not for this profile.
  const { socket } = serve({ profile: 'strict' })
  const { auth } = await loadAuth(recipe)
  const { supabase } = await recipe.load<{ supabase: SupabaseClient }>('supabase.ts')
  await auth.signIn(ada)
  await new Promise((resolve) => supabase.channel('room').subscribe(resolve))
  await auth.refresh()
  const token = await auth.getAccessToken()
  await vi.waitFor(() => {
    const told = socket.said.filter(({ event }) => event === 'access_token')
    expect(told.at(-1)?.payload.access_token).toBe(token)
  }, PATIENCE)
  await auth.signOut()
  await vi.waitFor(() => expect(supabase.getChannels()).toEqual([]), PATIENCE)
})

test('a social login, or a link in an e-mail, ends in a session of this kit', async () => {
  const { mock } = serve()
  const answer = await mock.fetch(`${url}/auth/v1/token?grant_type=password`, {
    method: 'POST',
    body: JSON.stringify(ada),
  })
  const { user: _, weak_password: __, ...session } = await answer.json()
  // As Supabase Auth sends people back.
  history.replaceState(null, '', `/callback#${new URLSearchParams(session)}`)
  const { finishSignIn } = await recipe.load<{ finishSignIn: () => Promise<boolean> }>('callback.ts')
  expect(await finishSignIn()).toBe(true)
  expect(location.hash).toBe('')

  history.replaceState(null, '', '/')
  const { auth } = await loadAuth(recipe, 'auth-with-links.ts')
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { email: ada.email } })
  expect(await finishSignIn()).toBe(false)
})

test('its test of an app passes', async () => {
  const { run } = await recipe.load<{ run: () => Promise<void> }>('session.test.ts')
  await run()
})

test('names every option of the backend', () => {
  const members = membersOf('src/backends/supabase-types.ts', 'SupabaseBackendOptions')
  expect(members).toEqual(['url', 'anonKey', 'toUser'])
  expect(members.filter((member) => !recipe.markdown.includes(member))).toEqual([])
})
