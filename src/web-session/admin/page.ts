import type { AdminStatus } from './status.ts'

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** The status for people: no script, nothing from elsewhere. */
export function statusPage(status: AdminStatus): Response {
  const rows = Object.entries(status).map(
    ([name, value]) =>
      `<tr><th scope="row">${name.replaceAll('_', ' ')}</th><td>${escaped(value === null ? '–' : String(value))}</td></tr>`,
  )
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Session: ${escaped(status.state)}</title>
<style>body{font:16px/1.5 sans-serif;margin:2rem}th{text-align:left;padding-right:2rem;font-weight:normal;color:#555}</style>
<h1>${escaped(status.state.replaceAll('_', ' '))}</h1><table>${rows.join('\n')}</table></html>`
  return new Response(page, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    },
  })
}
