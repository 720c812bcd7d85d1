import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { onStop } from './started.ts'

/**
 * Starts a program in a process group of its own, so that it can be ended with all that it has started. That is done after
 * the test, or when the test run is broken off.
 */
export function startProgram(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, { ...options, detached: true })
  const kill = () => void signalGroup(child, 'SIGKILL')
  process.once('exit', kill)
  const exit = new Promise((resolve) => child.once('exit', resolve))
  onStop(async () => {
    process.off('exit', kill)
    if (signalGroup(child, 'SIGKILL')) await exit
  })
  return child
}

/** Signals the whole group. False when the program has ended. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false
  return process.kill(-child.pid, signal)
}

/** Resolves with the first match in what the program writes to a file of its own; rejects when the program ends. */
export function told(child: ChildProcess, file: number, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdio[file]?.on('data', (chunk) => {
      text += chunk
      const found = pattern.exec(text)?.[1]
      if (found) resolve(found)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${child.spawnfile} ended:\n${text}`)))
  })
}
