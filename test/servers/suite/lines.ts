import { readFile } from 'node:fs/promises'

/** What an app's `auth.ts` has beside imports, comments, empty lines and the two lines of axios. */
export async function linesOf(file: URL): Promise<readonly string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return lines.filter(
    (line) => line.trim() && !/^(import |\/\/|export const api = axios\.create|attachAuth\()/.test(line),
  )
}
