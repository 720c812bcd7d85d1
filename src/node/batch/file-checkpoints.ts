import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { AuthError } from '../../core/errors.ts'
import type { CheckpointStore } from './checkpoint.ts'

/**
 * Keeps the results of a job in a file of lines, `["key",result]`, that only grows. Each line is on disk when `put` returns; a
 * line that a crash cut short is dropped at the next start. For one process at a time: use {@link postgresCheckpoints} where
 * several work on one job. Results must be JSON; they are not sealed.
 * @throws AuthError `storage_failed` for a file that is something else
 */
export function fileCheckpoints<Result>(path: string): CheckpointStore<Result> {
  const file = resolve(path)
  let done: Map<string, Result> | null = null

  const load = (): Map<string, Result> => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    const found = new Map<string, Result>()
    for (const [number, line] of whole.split('\n').entries()) {
      if (!line) continue
      const [key, result] = read(line, number + 1)
      if (!found.has(key)) found.set(key, result)
    }
    if (whole !== text) cut(Buffer.byteLength(whole))
    return found
  }
  const read = (line: string, number: number): [string, Result] => {
    try {
      const entry = JSON.parse(line)
      if (Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string') return entry as [string, Result]
    } catch {
      // Told below.
    }
    throw new AuthError('storage_failed', `Line ${number} of ${file} is no result of a job. Is it the right file?`)
  }
  const cut = (length: number): void => {
    const open = openSync(file, 'r+')
    ftruncateSync(open, length)
    fsyncSync(open)
    closeSync(open)
  }
  return Object.freeze<CheckpointStore<Result>>({
    load() {
      done = load()
      return done
    },
    put(key, result) {
      done ??= load()
      if (done.has(key)) return false
      const line = Buffer.from(`${JSON.stringify([key, result ?? null])}\n`)
      const open = openSync(file, 'a', 0o600)
      try {
        for (let at = 0; at < line.length; ) at += writeSync(open, line, at)
        fsyncSync(open)
      } finally {
        closeSync(open)
      }
      done.set(key, result)
      return true
    },
  })
}
