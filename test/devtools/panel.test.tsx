// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, within } from '@testing-library/react'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import { AuthDevtools } from '../../src/devtools/index.ts'
import { AuthDevtools as Off } from '../../src/devtools/off.ts'
import { ADA, createWorld, disposeAll, send } from './world.ts'

afterEach(() => {
  cleanup()
  disposeAll()
})

/** Longer than any machine takes. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 120_000 })

async function open() {
  const world = createWorld()
  const auth = world.tab()
  await auth.signIn(ADA)
  await world.clock.advance(2_000)
  const { container, unmount } = render(
    <StrictMode>
      <AuthDevtools auth={auth} initialOpen />
    </StrictMode>,
  )
  const root = container.querySelector('[data-keyturn-devtools]')?.shadowRoot as unknown as HTMLElement
  const panel = within(root.firstElementChild as HTMLElement)
  const press = (name: string | RegExp) => act(async () => void fireEvent.click(panel.getByRole('button', { name })))
  const show = (name: RegExp) => act(async () => void fireEvent.click(panel.getByRole('tab', { name })))
  return { ...world, auth, root, panel, press, show, unmount }
}

test('in production, and on a server, there is nothing', () => {
  const auth = createWorld().tab()
  expect(renderToString(<Off auth={auth} />)).toBe('')
  expect(renderToString(<AuthDevtools auth={auth} initialOpen />)).toBe('<div data-keyturn-devtools=""></div>')
})

test('it is drawn in a shadow root, and leaves nothing behind', async () => {
  const { root, unmount, auth } = await open()
  expect(root).toBeInstanceOf(ShadowRoot)
  expect(document.head.querySelectorAll('style')).toHaveLength(0)
  unmount()
  expect(document.body.textContent).toBe('')
  expect(auth.getState().status).toBe('authenticated')
})

test('the session: who, with what, until when; and no token anywhere', async () => {
  const { root, panel, show, browser } = await open()
  await show(/Session/)
  await until(() => expect(root.textContent).toMatch(/#[0-9a-f]{8}, \d+ characters, a JWT/))
  expect(panel.getByText(ADA.email, { selector: 'dd' })).toBeTruthy()
  expect(root.textContent).toContain('renewed 1 times')
  const { accessToken, refreshToken } = browser.stored() ?? {}
  for (const token of [accessToken, refreshToken]) expect(root.innerHTML).not.toContain(token)
})

test('renew now, and sign out, are done and told', async () => {
  const { root, press, auth, mock } = await open()
  await press('Renew now')
  await until(() => expect(root.textContent).toContain('Renewed.'))
  expect(mock.count('refresh')).toBe(1)
  await press('Sign out everywhere')
  await until(() => expect(root.textContent).toContain('Signed out on all devices. The server confirmed it.'))
  expect(auth.getState().status).toBe('unauthenticated')
})

test('the list is filtered by words and by kind, and stands still while it is paused', async () => {
  const { panel, press, auth, mock, root } = await open()
  const rows = () => [...root.querySelectorAll('.row')].map((row) => row.textContent ?? '')
  await act(async () => void (await send(auth, mock)))
  await until(() => expect(rows()[0]).toContain('is answered 200'))
  fireEvent.change(panel.getByLabelText('Filter by words'), { target: { value: 'SIGNED' } })
  expect(rows()).toHaveLength(1)
  fireEvent.change(panel.getByLabelText('Filter by words'), { target: { value: '' } })
  fireEvent.change(panel.getByLabelText('Kind'), { target: { value: 'requests' } })
  expect(rows().length).toBe(2)
  await press('Pause')
  await act(async () => void (await send(auth, mock)))
  await act(() => new Promise((resolve) => setTimeout(resolve, 120)))
  expect(rows().length).toBe(2)
  await press('Pause')
  await until(() => expect(rows().length).toBe(4))
})

test('what the engine reports is a warning, and its number is on the tab', async () => {
  const { panel, show, auth } = await open()
  const { AuthError } = await import('../../src/index.ts')
  await act(async () => {
    for (let turn = 0; turn < 2; turn++) auth.report(new AuthError('misconfigured', 'The origin is not allowed.'))
  })
  await until(() => expect(panel.getByRole('tab', { name: /Warnings 1/ })).toBeTruthy())
  await show(/Warnings/)
  expect(panel.getByText('The origin is not allowed. (2 times)')).toBeTruthy()
})

test('a second engine on the same storage is a warning', async () => {
  const { root, panel, tab } = await open()
  tab()
  // It looks when it is opened, and every 2 s.
  fireEvent.keyDown(panel.getByRole('tab', { name: 'Timeline' }), { key: 'Escape' })
  fireEvent.click(root.querySelector('.launcher') as HTMLElement)
  fireEvent.click(within(root.querySelector('.panel') as HTMLElement).getByRole('tab', { name: /Warnings/ }))
  expect(root.textContent).toContain('There are 2 engines for one storage')
})

test('Escape closes it, the button in the corner has the focus, and opens it again', async () => {
  const { root, panel } = await open()
  fireEvent.keyDown(panel.getByRole('tab', { name: 'Timeline' }), { key: 'Escape' })
  const button = root.querySelector<HTMLElement>('.launcher')
  expect(root.querySelector('.panel')).toBeNull()
  expect((root as unknown as ShadowRoot).activeElement).toBe(button)
  expect(button?.textContent).toMatch(/Signed in.*renews in/)
  fireEvent.click(button as HTMLElement)
  expect(root.querySelector('.panel')).not.toBeNull()
})

test('arrow keys go from view to view', async () => {
  const { panel, root } = await open()
  fireEvent.keyDown(panel.getByRole('tab', { name: 'Timeline' }), { key: 'ArrowRight' })
  expect(panel.getByRole('tab', { name: 'Session' }).getAttribute('aria-selected')).toBe('true')
  fireEvent.keyDown(panel.getByRole('tab', { name: 'Session' }), { key: 'ArrowLeft' })
  fireEvent.keyDown(panel.getByRole('tab', { name: 'Timeline' }), { key: 'ArrowLeft' })
  expect(root.querySelector('.warnings')).not.toBeNull()
})
