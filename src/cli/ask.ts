import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Asks on the terminal; null where there is none. What is typed in answer to a secret question is not shown. */
export async function ask(question: string, secret: boolean): Promise<string | null> {
  if (!process.stdin.isTTY) return null
  process.stderr.write(question)
  const unseen = new Writable({ write: (_text, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: secret ? unseen : process.stderr, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    if (secret) process.stderr.write('\n')
  }
}
