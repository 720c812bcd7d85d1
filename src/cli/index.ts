#!/usr/bin/env node
import process from 'node:process'
import { ask } from './ask.ts'
import type { Command, Terminal } from './command.ts'

interface Entry {
  readonly summary: string
  load(): Promise<Command>
}

/** In the order of the help. A command is loaded when it is called. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  capture: {
    summary: 'a person signs in by a window, once',
    load: async () => (await import('./session/commands.ts')).captureCommand,
  },
  renew: {
    summary: 'renew a session now; for cron: --auto',
    load: async () => (await import('./session/commands.ts')).renewCommand,
  },
  status: {
    summary: 'whether a session lives, and for how long',
    load: async () => (await import('./session/commands.ts')).statusCommand,
  },
  inspect: {
    summary: 'what is stored of a session: counts, names and times',
    load: async () => (await import('./session/commands.ts')).inspectCommand,
  },
  'rotate-key': {
    summary: 'seal a session with the newest key',
    load: async () => (await import('./session/commands.ts')).rotateKeyCommand,
  },
  forget: {
    summary: 'sign out, and keep nothing of a session',
    load: async () => (await import('./session/commands.ts')).forgetCommand,
  },
  doctor: {
    summary: 'ask a back end what it does with sessions, and print the auth.ts that fits',
    load: async () => (await import('./doctor/index.ts')).doctorCommand,
  },
  'serve-sessions': {
    summary: 'serve opaque sessions over HTTP, from Redis, PostgreSQL or memory',
    load: async () => (await import('./serve-sessions.ts')).serveSessionsCommand,
  },
}

const help = (): string =>
  ['Usage: keyturn <command> [--help]', '']
    .concat(Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(16)}${summary}`))
    .join('\n')

const terminal: Terminal = {
  env: process.env,
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  ...(process.stderr.isTTY && { progress: (line: string) => void process.stderr.write(`\r\u001b[K${line}`) }),
  ask,
  onEnd(stop) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
  },
}

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if (!Object.hasOwn(COMMANDS, name)) {
    const asked = name === '' || name === 'help' || name === '--help' || name === '-h'
    if (!asked) terminal.err(`There is no command ${name}.`)
    terminal[asked ? 'out' : 'err'](help())
    return asked ? 0 : 2
  }
  const run = await COMMANDS[name]?.load()
  return (await run?.(args, terminal)) ?? 2
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    // An error of ours says what to do. Any other is a defect, and its stack helps.
    const ours = error instanceof Error && 'code' in error && error.code === 'misconfigured'
    terminal.err(ours ? `keyturn: ${error.message}` : String(error instanceof Error ? error.stack : error))
    process.exitCode = 1
  },
)
