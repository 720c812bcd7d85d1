import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '../../../scripts/databases.mjs'

/** Stands between a store and its database: counts round trips, cuts connections, swallows answers. */
export async function startProxy(target: number) {
  const sockets = new Set<Socket>()
  let turns = 0
  let swallowing = false
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    let asking = false
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk) => {
      if (!asking) turns++
      asking = true
      if (!swallowing) far.write(chunk)
    })
    far.on('data', (chunk) => {
      asking = false
      if (!swallowing) near.write(chunk)
    })
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    /** Times that the store spoke after the database had. */
    get turns() {
      return turns
    },
    /** From now on nothing passes, and nobody is told. */
    swallow(on: boolean) {
      swallowing = on
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
