import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { SessionRecord } from '../../../src/core/types.ts'
import { createSealKey } from '../../../src/node/sealed/key-ring.ts'
import { sealedProblem } from '../../../src/node/sealed/problem.ts'
import { type SealedFileOptions, sealedFile } from '../../../src/node/sealed/sealed-file.ts'
import { newFolder } from '../folder.ts'
import { backend, keys, session } from './session.ts'

let path: string
const open = (options: Partial<SealedFileOptions> = {}) =>
  sealedFile({ path, keys, profile: 'ada', backend, create: true, ...options })

const problemOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return sealedProblem(error)
  }
  return null
}

beforeEach(() => {
  path = join(newFolder(), 'session')
})

describe('a sealed file', () => {
  it('is not written over by what could not be saved, when somebody has signed out meanwhile: of one order the sign-out counts', () => {
    const file = open()
    const { record: mine, ...tokens } = session(1)
    const record = mine as SessionRecord
    const end = { ...record, id: 'another', version: 2, user: null, over: 'signed_out' } as const
    const hidden = readFileSync(path)
    writeFileSync(path, 'spoiled')
    expect(problemOf(() => file.write({ ...tokens, record: { ...record, order: 5 } }))).not.toBeNull()
    writeFileSync(path, hidden)
    const over = { accessToken: null, refreshToken: null, record: { ...end, order: 5 } }
    open().write(over)
    file.retryWrite()
    expect(file.read()).toEqual(over)
  })

  it('keeps the session for the next process', () => {
    open().write(session(1))
    expect(open({ create: false }).read()).toEqual(session(1))
  })

  it('holds nothing that can be read without its key', () => {
    open().write(session(1))
    const text = readFileSync(path, 'utf8')
    for (const secret of ['access-1', 'refresh-1', 'Ada', 'ada', 'example']) expect(text).not.toContain(secret)
  })

  it('is for its owner alone, whatever the umask, and its temporary file is, too', () => {
    const before = process.umask(0)
    const modes: number[] = []
    try {
      const storage = open({
        onStep: () => {
          for (const name of readdirSync(join(path, '..'))) modes.push(statSync(join(path, '..', name)).mode & 0o777)
        },
      })
      storage.write(session(1))
    } finally {
      process.umask(before)
    }
    expect(modes.length).toBeGreaterThan(5)
    expect([...new Set(modes)]).toEqual([0o600])
  })

  it('is whole at every step of a write, old or new', () => {
    const seen: unknown[] = []
    const storage = open({ onStep: (step) => seen.push([step, open({ create: false }).read()]) })
    storage.write(session(1))
    seen.length = 0
    storage.write(session(2))
    expect(seen).toEqual([
      ['begin', session(1)],
      ['written', session(1)],
      ['synced', session(1)],
      ['renamed', session(2)],
      ['durable', session(2)],
    ])
    expect(readdirSync(join(path, '..'))).toEqual(['session'])
  })

  it('is missing: an error, unless it is to be made', () => {
    expect(problemOf(() => open({ create: false }))).toBe('missing')
    expect(readdirSync(join(path, '..'))).toEqual([])
    expect(open().read()).toBe(null)
    expect(open({ create: false }).read()).toBe(null)
  })

  it('that goes missing later is an error, and no empty sign-in', () => {
    const storage = open()
    storage.write(session(1))
    rmSync(path)
    expect(problemOf(() => storage.read())).toBe('missing')
    storage.write(session(2))
    expect(storage.read()).toEqual(session(2))
  })

  it('that exists is not made anew', () => {
    open().write(session(1))
    expect(open().read()).toEqual(session(1))
  })

  it.each([
    ['torn', () => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 90))],
    ['torn', () => writeFileSync(path, '')],
    ['plaintext', () => writeFileSync(path, JSON.stringify(session(1)))],
    ['exposed', () => chmodSync(path, 0o644)],
    ['exposed', () => chmodSync(path, 0o620)],
    ['missing', () => rmSync(path)],
    [
      'unreadable',
      () => {
        rmSync(path)
        mkdirSync(path, { mode: 0o700 })
      },
    ],
  ])('that is %s is a precise error at the start, and later', (problem, harm) => {
    const storage = open()
    storage.write(session(1))
    harm()
    expect(problemOf(() => open({ create: false }))).toBe(problem)
    expect(problemOf(() => storage.read())).toBe(problem)
  })

  it.each([
    ['foreign', { profile: 'grace' }],
    ['foreign', { backend: 'https://other.test' }],
    ['unknown_key', { keys: `z:${createSealKey()}` }],
    ['changed', { keys: `a:${createSealKey()}` }],
  ])('of somebody else is %s, also where a new one might be made, and stays as it is', (problem, options) => {
    open().write(session(1))
    const before = readFileSync(path, 'utf8')
    expect(problemOf(() => open(options))).toBe(problem)
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  it('is not written over when it is no longer ours', () => {
    const storage = open()
    storage.write(session(1))
    writeFileSync(path, 'something else of mine')
    expect(problemOf(() => storage.write(session(2)))).toBe('plaintext')
    expect(readFileSync(path, 'utf8')).toBe('something else of mine')
  })

  it('keeps what is later: a later sign-in, and the same session renewed further', () => {
    const storage = open()
    for (const [there, late] of [
      [session(3, 1), session(2, 1)],
      [session(1, 2), session(9, 1)],
    ] as const) {
      storage.write(there)
      storage.write(late)
      expect(storage.read()).toEqual(there)
    }
  })

  it('keeps what came while a writer stood still right before its rename', () => {
    const other = open()
    const slow = open({
      onStep: (step) => {
        if (step === 'synced') other.write(session(3))
      },
    })
    slow.write(session(2))
    expect(open().read()).toEqual(session(3))
  })

  it('is found out at the start where nothing can be written, and then renews nothing', () => {
    path = '/proc/keyturn/session'
    expect(problemOf(() => open())).toBe('unwritable')
    path = join(newFolder(), 'no', 'such', 'session')
    // What is not there is not there, whether or not it could be written.
    expect(problemOf(() => open({ create: false }))).toBe('missing')
  })

  it('that is read-only is read where nothing can be written, and forbids renewals', () => {
    open().write(session(1))
    const storage = open({ readOnly: true, create: false })
    expect(storage.read()).toEqual(session(1))
    expect(problemOf(() => storage.noteRenewal(session(1)))).toBe('unwritable')
    expect(problemOf(() => storage.write(session(2)))).toBe('unwritable')
  })

  it('is replaced where a symbolic link points to', () => {
    const link = join(newFolder(), 'link')
    open().write(session(1))
    symlinkSync(path, link)
    open({ path: link }).write(session(2))
    expect(open({ create: false }).read()).toEqual(session(2))
  })

  it('forgets what a killed process left half written', () => {
    open()
    const left = `${path}.0123456789ab.tmp`
    const young = `${path}.ba9876543210.tmp`
    writeFileSync(left, 'x')
    writeFileSync(young, 'x')
    utimesSync(left, 0, 0)
    open()
    expect(readdirSync(join(path, '..')).sort()).toEqual(['session', 'session.ba9876543210.tmp'])
  })

  it('tells of what others write, also after it was replaced many times', async () => {
    const storage = open()
    const changed = vi.fn()
    const stop = storage.watch(changed)
    for (let version = 1; version < 4; version++) {
      changed.mockClear()
      open().write(session(version))
      await vi.waitFor(() => expect(changed).toHaveBeenCalled(), 5_000)
    }
    stop()
  })

  it.each([
    [{ path: '' }, /needs a path/],
    [{ profile: '' }, /needs a profile/],
    [{ backend: undefined }, /needs a backend/],
  ])('asks for %j', (options, message) => {
    expect(() => open(options as object)).toThrow(message)
  })
})

describe('the name of its lock', () => {
  it('does not tell where the folder is: containers may see it elsewhere, and share the lock in it', () => {
    const elsewhere = join(newFolder(), 'session')
    expect(open({ path: elsewhere }).key).toBe(open().key)
  })

  it('tells one file of a folder from another', () => {
    expect(open({ path: `${path}-2` }).key).not.toBe(open().key)
  })
})

describe('a new key', () => {
  const a = createSealKey()
  const b = createSealKey()

  it('reads what the old one sealed, seals anew, and then does without the old one', () => {
    open({ keys: `a:${a}` }).write(session(1))
    const both = open({ keys: `b:${b},a:${a}` })
    expect(both.read()).toEqual(session(1))
    expect(both.reseal()).toBe(true)
    expect(both.reseal()).toBe(false)
    expect(open({ keys: `b:${b}` }).read()).toEqual(session(1))
    expect(problemOf(() => open({ keys: `a:${a}` }))).toBe('unknown_key')
  })

  it('seals whatever is written next', () => {
    open({ keys: `a:${a}` }).write(session(1))
    open({ keys: `b:${b},a:${a}` }).write(session(2))
    expect(open({ keys: `b:${b}` }).read()).toEqual(session(2))
  })

  it('does not undo what is written while it seals anew', () => {
    open({ keys: `a:${a}` }).write(session(1))
    const other = open({ keys: `b:${b},a:${a}` })
    const slow = open({
      keys: `b:${b},a:${a}`,
      onStep: (step) => {
        if (step === 'synced') other.write(session(2))
      },
    })
    expect(slow.reseal()).toBe(false)
    expect(other.read()).toEqual(session(2))
  })
})

describe('the note of a renewal', () => {
  it('stands until what the renewal brought is saved', () => {
    const storage = open()
    storage.write(session(1))
    expect(storage.noteRenewal(session(1))).toBe(null)
    expect(open().renewing()).toMatchObject({ pid: process.pid })
    expect(open().read()).toEqual(session(1))
    storage.write(session(2))
    expect(open().renewing()).toBe(null)
  })

  it('stands when only the user changes', () => {
    const storage = open()
    storage.write(session(1))
    storage.noteRenewal(session(1))
    open().write({ ...session(1), record: null })
    expect(storage.renewing()).not.toBe(null)
  })

  it('goes with a renewal that has left the refresh token as it was', () => {
    const file = open()
    file.write(session(1))
    file.noteRenewal(session(1))
    file.write({ ...session(2), refreshToken: session(1).refreshToken })
    expect(file.renewing()).toBe(null)
    file.noteRenewal(session(1))
    // What has only been given a longer life.
    file.write({ ...session(3), accessToken: session(2).accessToken, refreshToken: session(1).refreshToken })
    expect(file.renewing()).toBe(null)
  })

  it('tells the next one that another was cut short', () => {
    open().write(session(1))
    open().noteRenewal(session(1))
    expect(open().noteRenewal(session(1))).toMatchObject({ pid: process.pid })
  })

  it('is refused for tokens that are no longer stored', () => {
    const storage = open()
    storage.write(session(2))
    expect(() => storage.noteRenewal(session(1))).toThrow(expect.objectContaining({ code: 'session_changed' }))
    expect(storage.renewing()).toBe(null)
  })

  it('does not undo what is written meanwhile', () => {
    const other = open()
    other.write(session(1))
    const slow = open({
      onStep: (step) => {
        if (step === 'synced') other.write(session(2))
      },
    })
    expect(() => slow.noteRenewal(session(1))).toThrow(expect.objectContaining({ code: 'session_changed' }))
    expect(other.read()).toEqual(session(2))
  })

  it('saves first what could not be saved', () => {
    const storage = open()
    storage.write(session(1))
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, 'foreign')
    expect(() => storage.write(session(2))).toThrow()
    expect(() => storage.noteRenewal(session(2))).toThrow()
    writeFileSync(path, text)
    storage.noteRenewal(session(2))
    expect(open().read()).toEqual(session(2))
  })
})
