import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { misuse } from '../core/errors.ts'
import type { Auth } from '../core/types.ts'
import { replacePrivate } from '../node/sealed/safe-file.ts'

/**
 * Writes values into an `.env` file, for programs that read their token there. Order, comments and every other line stay as they
 * are. The file is replaced as a whole and is of mode 0600 from then on: what it holds is plain, and equal to being signed in.
 * A program that runs already does not notice.
 * @throws AuthError `misconfigured` for a name or value that cannot stand in such a file; `storage_failed`
 * @example onToken(session.auth, (token) => writeEnv('.env', { DESK_TOKEN: token }))
 */
export function writeEnv(path: string, values: Readonly<Record<string, string>>): void {
  const given = resolve(path)
  // Through a link, or the rename would replace the link.
  const file = existsSync(given) ? realpathSync(given) : given
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/)
  for (const [name, value] of Object.entries(values)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) misuse(`writeEnv: '${name}' is no name of a variable.`)
    if (typeof value !== 'string' || /[\r\n\0]/.test(value)) misuse(`writeEnv: ${name} must be a text of one line.`)
    const fits = new RegExp(`^(\\s*(?:export\\s+)?)${name}\\s*=`)
    const places = lines.flatMap((line, place) => (fits.test(line) ? [place] : []))
    // Of several the last counts; all are changed, or an old token would stay.
    for (const place of places)
      lines[place] = `${fits.exec(lines[place] ?? '')?.[1] ?? ''}${name}=${quote(name, value)}`
    if (!places.length) lines.push(`${name}=${quote(name, value)}`)
  }
  replacePrivate(file, lines.map((line) => line + end).join(''))
}

function quote(name: string, value: string): string {
  if (/^[\w./:@%+,~-]*$/.test(value)) return value
  if (!value.includes("'")) return `'${value}'`
  if (!/["\\$`]/.test(value)) return `"${value}"`
  return misuse(`writeEnv: ${name} holds both kinds of quotes, which not every reader of such files understands.`)
}

/** Calls `run` with the access token: with the one that is there, and with each new one. Returns the way back. */
export function onToken(auth: Pick<Auth, 'on' | 'getAccessToken'>, run: (token: string) => void): () => void {
  let last: string | null = null
  const tell = (): void => {
    auth.getAccessToken().then(
      (token) => {
        if (token === null || token === last) return
        last = token
        run(token)
      },
      () => {},
    )
  }
  tell()
  const leave = [auth.on('signed_in', tell), auth.on('refreshed', tell)]
  return () => {
    for (const stop of leave) stop()
  }
}
