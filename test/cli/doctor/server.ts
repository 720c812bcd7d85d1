import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { doctorCommand } from '../../../src/cli/doctor/index.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string | string[]>
  readonly body?: unknown
}

/** A server that answers as it is told, and writes down what it was asked. */
export async function serve(answer: (asked: Asked) => Answer): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
      asked.push(call)
      const { status = 200, headers, body: told } = answer(call)
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
      response.end(told === undefined ? '' : JSON.stringify(told))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

export interface Told {
  readonly code: number
  readonly text: string
  readonly questions: readonly string[]
}

/** Runs the command. `typed`: what the person types; null: nobody sits there. */
export async function doctor(
  args: readonly string[],
  env: Record<string, string> = { KEYTURN_EMAIL: 'ada@example.com', KEYTURN_PASSWORD: 'correct-horse' },
  typed: readonly string[] | null = null,
): Promise<Told> {
  const lines: string[] = []
  const questions: string[] = []
  const put = (line: string) => void lines.push(line)
  const ask = async (question: string, secret: boolean) => {
    const answer = typed?.[questions.length] ?? null
    questions.push(`${secret ? 'secret' : 'shown'}: ${question}`)
    return answer
  }
  const code = await doctorCommand(args, { env, out: put, err: put, ask, onEnd: () => {} })
  return { code, text: lines.join('\n'), questions }
}
