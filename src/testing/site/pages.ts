const page = (title: string, body: string, status = 200, cookies: readonly string[] = []): Response => {
  const headers = new Headers([
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Cache-Control', 'no-store'],
  ])
  for (const cookie of cookies) headers.append('Set-Cookie', cookie)
  return new Response(`<!doctype html><html lang="en"><title>${title}</title><body>${body}</body></html>`, {
    status,
    headers,
  })
}

export const signInPage = (wrong = false): Response =>
  page(
    'Sign in',
    `<form method="post" action="/login" id="sign-in"><label>Name <input name="username"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button>${wrong ? '<p id="wrong">Wrong.</p>' : ''}</form>`,
    wrong ? 401 : 200,
  )

export const secondFactorPage = (wrong = false): Response =>
  page(
    'Second factor',
    `<form method="post" action="/second" id="second"><label>Code <input name="code"></label><button>Go on</button>
${wrong ? '<p id="wrong">Wrong.</p>' : ''}</form>`,
    wrong ? 401 : 200,
  )

export const challengePage = (): Response =>
  page('Are you a person?', '<p id="challenge">Pick all traffic lights.</p>', 403)

/** Ends a sign-in: the tab gets a secret of its own in sessionStorage, which the token needs as well. */
export const welcomePage = (tab: string, cookies: readonly string[]): Response =>
  page('Welcome', `<script>sessionStorage.setItem('tab', '${tab}'); location.replace('/')</script>`, 200, cookies)

/** Gets a token and keeps it in localStorage, as such sites do. */
export const appPage = (name: string, cookies: readonly string[]): Response =>
  page(
    'Desks',
    `<h1>${name}</h1><script>
fetch('/api/token', { method: 'POST', headers: { 'X-Tab': sessionStorage.getItem('tab') ?? '' } }).then(async (answer) => {
  if (!answer.ok) return
  localStorage.setItem('token', (await answer.json()).token)
  document.body.insertAdjacentHTML('beforeend', '<p id="me">${name}</p>')
})</script>`,
    200,
    cookies,
  )
