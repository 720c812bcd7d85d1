// @vitest-environment jsdom
import { type AuthStorage, memoryStorage } from 'keyturn'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { resetCookies } from '../storage/jar.ts'
import { held, key, move, oldSession, put, signOut, tokensOf } from './old-sessions.ts'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  resetCookies()
})
afterEach(() => vi.restoreAllMocks())

describe('nothing is lost', () => {
  test('the old copy is deleted only after the storage has been read back', () => {
    put(oldSession())
    const steps: string[] = []
    const inner = memoryStorage()
    const storage: AuthStorage = {
      read: () => {
        steps.push(`read ${!!held(inner)}`)
        return inner.read()
      },
      write: (session, context) => {
        steps.push('write')
        return inner.write(session, context)
      },
    }
    const remove = vi
      .spyOn(Storage.prototype, 'removeItem')
      .mockImplementation((name) => void steps.push(`remove ${name}`))
    move(storage)
    remove.mockRestore()
    expect(steps.slice(0, 4)).toEqual(['read false', 'write', 'read true', `remove ${key}`])
  })

  test.each<[string, AuthStorage['write']]>([
    [
      'throws',
      () => {
        throw new Error('full')
      },
    ],
    ['keeps nothing', () => {}],
  ])('a storage that %s: the old copy stays, for the next time', (_, write) => {
    const old = oldSession()
    put(old)
    expect(move({ read: () => null, write })).toBe('failed')
    expect(localStorage.getItem(key)).toBe(JSON.stringify(old))
    const storage = memoryStorage()
    expect(move(storage)).toBe('moved')
    expect(held(storage)).toMatchObject(tokensOf(old))
  })

  test('a storage that cannot even be read', () => {
    const old = oldSession()
    put(old)
    const read = () => {
      throw new DOMException('blocked', 'SecurityError')
    }
    expect(move({ read, write() {} })).toBe('failed')
    expect(localStorage.getItem(key)).toBe(JSON.stringify(old))
  })

  test('a tab that dies after the write leaves two copies; the next page load deletes the old one', () => {
    const old = oldSession()
    put(old)
    const storage = memoryStorage()
    vi.spyOn(Storage.prototype, 'removeItem').mockImplementation(() => {
      throw new Error('The tab is gone.')
    })
    move(storage)
    vi.restoreAllMocks()
    expect(held(storage)).toMatchObject(tokensOf(old))
    expect(localStorage.getItem(key)).not.toBeNull()

    expect(move(storage)).toBe('dropped')
    expect(held(storage)).toMatchObject(tokensOf(old))
    expect(localStorage.getItem(key)).toBeNull()
  })

  test('a write that fails halfway counts as done when the refresh token is there', () => {
    const old = oldSession()
    put(old)
    let refreshToken: string | null = null
    const storage: AuthStorage = {
      read: () => (refreshToken ? { accessToken: null, refreshToken, record: null } : null),
      write(session) {
        refreshToken = session.refreshToken
        throw new Error('The other cookies did not fit.')
      },
    }
    expect(move(storage)).toBe('moved')
    expect(held(storage)?.refreshToken).toBe(old.refresh_token)
  })

  test('two tabs at once: the one that is late deletes nothing of what the other has renewed', () => {
    const old = oldSession()
    put(old)
    const shared = memoryStorage()
    const renewed = { accessToken: 'access-2', refreshToken: 'refresh-2', record: null }
    const late: AuthStorage = {
      ...shared,
      write() {
        // The other tab moves the session, and renews it, just after this one has written.
        expect(move(shared)).toBe('moved')
        void shared.write(renewed, { secure: true, now: Date.now(), warn() {} })
      },
    }
    expect(move(late)).toBe('moved')
    expect(held(shared)).toEqual(renewed)
    expect(localStorage.getItem(key)).toBeNull()
  })

  test('two tabs one after the other: the second has nothing to do', () => {
    put(oldSession())
    const shared = memoryStorage()
    expect([move(shared), move(shared)]).toEqual(['moved', 'none'])
  })
})

describe('what has gone stays gone', () => {
  test('a copy of the moved session that turns up again is deleted, whether it is still open or has ended', () => {
    const storage = memoryStorage()
    put(oldSession())
    move(storage)
    const session = held(storage)
    // An old tab that was refreshing at that moment wrote what it got.
    put(oldSession({ refreshToken: 'bbbbccccdddd' }))
    expect(move(storage)).toBe('dropped')
    expect(held(storage)).toBe(session)

    signOut(storage)
    put(oldSession({ refreshToken: 'bbbbccccdddd' }))
    expect(move(storage)).toBe('dropped')
    expect(held(storage)).toBeNull()
    expect(localStorage.getItem(key)).toBeNull()
  })

  test('a session that the storage holds is not replaced by an older one', () => {
    const storage = memoryStorage()
    const mine = { accessToken: 'access-9', refreshToken: 'refresh-9', record: null }
    void storage.write(mine, { secure: true, now: Date.now(), warn() {} })
    put(oldSession({ id: 'session-2' }))
    expect(move(storage)).toBe('dropped')
    expect(held(storage)).toBe(mine)
    expect(localStorage.getItem(key)).toBeNull()
    // Nor after it has ended.
    signOut(storage)
    put(oldSession({ id: 'session-2' }))
    expect(move(storage)).toBe('dropped')
    expect(held(storage)).toBeNull()
  })

  test('somebody who has signed in through supabase-js since is another session, and moves', () => {
    const storage = memoryStorage()
    put(oldSession())
    move(storage)
    signOut(storage)
    const later = oldSession({ id: 'session-2', refreshToken: 'eeeeffffgggg' })
    put(later)
    expect(move(storage)).toBe('moved')
    expect(held(storage)).toMatchObject(tokensOf(later))
  })
})
