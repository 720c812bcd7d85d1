import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectedRows } from './expected-rows.ts'
import type { Facts } from './facts.ts'
import { measure, whileFresh } from './measure.ts'
import { ada, fingerprint, grace } from './people.ts'
import { type Running, type RunOptions, run } from './run.ts'
import { type Examination, runDoctor } from './run-doctor.ts'
import type { AuthServer, Held, Hit } from './types.ts'

/** Seconds: short, for what expires is waited for. */
const LIFE = 4

export interface FactsOptions extends RunOptions {
  /** Not at the same time: the server loses sessions that are made at the same moment. */
  readonly serial?: boolean
  /** The `auth.ts` that the doctor prints. */
  readonly auth?: URL
  /** What the doctor says should be mended: a pattern for each line. Default: not looked at. */
  readonly toMend?: readonly RegExp[]
}

/** With the address as apps of the suite are told it. */
const asInSuite = (authFile: string, url: string) =>
  `${authFile.replaceAll(`'${url}'`, 'import.meta.env.VITE_API_URL')}\n`

async function checkDoctor(seen: Examination, { url, server }: Running, facts: Facts, { auth, toMend }: FactsOptions) {
  expect(seen.code, seen.text).toBe(0)
  const rows = expectedRows(server, facts)
  // How a race ends is chance.
  const chance = facts.refresh?.parallel === 'race' && pick(seen.rows, 'Five refreshes at once', 'Session after them')
  expect(seen.rows).toEqual({ ...rows, ...chance })
  if (auth) expect(asInSuite(seen.authFile, url)).toBe(await readFile(auth, 'utf8'))
  if (toMend) expect(seen.toMend).toEqual(toMend.map((pattern) => expect.stringMatching(pattern)))
}

const pick = (rows: Readonly<Record<string, string>>, ...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, rows[name]]))

const credentials = ({ access, refresh, jar }: Held): string[] =>
  [access, refresh, ...jar.all().map(({ value }) => value)].filter((value) => value !== null)

const spentBy = ({ refresh, bearer }: Hit): string => refresh ?? bearer ?? ''

/** Tests that a server does what its table says, and that its log tells who did what. */
export function checkFacts(server: AuthServer, facts: Facts, options: FactsOptions = {}): void {
  const { serial = false, accessLife = LIFE, page = 'same' } = options
  const group = serial ? describe.sequential : describe.concurrent
  group(`${server.name}, asked with plain fetch`, () => {
    let running: Running
    let measured: Promise<Facts>
    let seen: Promise<Examination>
    beforeAll(async () => {
      running = await run(server, { accessLife, page })
      measured = measure(running, serial)
      // At the same time, for both wait for the same expiry.
      seen = serial ? measured.then(() => runDoctor(running)) : runDoctor(running)
      await Promise.allSettled([measured, seen])
    })
    afterAll(() => running?.stop())

    it('does what its table says', async () => {
      const table = await measured
      const { refresh } = table
      // How a race ends is chance.
      const chance = facts.refresh?.parallel === 'race' && { parallel: 'race', parallelSurvived: null }
      expect({ ...table, refresh: refresh && { ...refresh, ...chance } }).toEqual(facts)
    })

    it('is told the same by `npx keyturn doctor`', async () => {
      await checkDoctor(await seen, running, facts, options)
    })

    it('answers as the person who signed in, and to a wrong password with a refusal', async () => {
      const { client } = running
      for (const person of [ada, grace]) {
        const reply = await whileFresh(running, client.echo, person)
        expect(server.who(reply)).toBe(person.email)
      }
      const { reply } = await client.signIn({ ...ada, password: 'wrong-password' })
      expect(reply.status).toBeGreaterThanOrEqual(400)
    })

    it('has whose refresh it was, and which token it spent, in its log', async () => {
      const { client, hits } = running
      if (!server.refresh) return
      const { held } = await client.signIn(grace)
      const from = hits.length
      const { held: next } = await client.refresh(held)
      await client.refresh(next)
      // Other tests sign in as Grace at the same time.
      const own = new Set([held, next].flatMap(credentials).map(fingerprint))
      const refreshes = hits.slice(from).filter((hit) => server.isRefresh(hit) && own.has(spentBy(hit)))
      expect(refreshes.map(({ person }) => person)).toEqual(['Grace', 'Grace'])
      const spent = refreshes.map(spentBy)
      if (facts.refresh?.rotates) expect(new Set(spent).size).toBe(2)
    })
  })
}
