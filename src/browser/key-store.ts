/** Key pairs that cannot be exported, kept in IndexedDB and shared by the tabs of an origin. */

const STORE = 'keys'

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

function openStore(): Promise<IDBDatabase> {
  const request = indexedDB.open('keyturn', 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE)
  return done(request)
}

/**
 * The key pair of that name; `fresh` becomes it if there is none. One transaction reads and writes, so that tabs that begin at
 * the same moment end up with the same key.
 * Rejects where IndexedDB cannot be had: blocked, or not there.
 */
export async function sharedKeyPair(name: string, fresh: CryptoKeyPair): Promise<CryptoKeyPair> {
  const database = await openStore()
  try {
    const store = database.transaction(STORE, 'readwrite').objectStore(STORE)
    const found = await done<CryptoKeyPair | undefined>(store.get(name))
    if (found) return found
    await done(store.put(fresh, name))
    return fresh
  } finally {
    database.close()
  }
}
