// Load on one of the servers, over connections that are kept alive. Written for this benchmark: it costs little of the machine that it
// shares with what it measures, and it can switch from one server to the next within milliseconds.
import { connect } from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')

/** A request as it stands on the wire. */
export function wire({ method, path, headers, body = '' }) {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (method === 'POST') lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** One connection with one request under way at a time. `send` calls back with the answer's status. */
function createConnection(port) {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  let got = Buffer.alloc(0)
  let answered = null
  let broken = null
  const fail = (error) => {
    broken = error ?? new Error('The server closed the connection.')
    answered?.(broken)
  }
  socket.on('error', fail).on('close', () => fail(null))
  socket.on('data', (chunk) => {
    got = got.length ? Buffer.concat([got, chunk]) : chunk
    const end = got.indexOf(HEAD_END)
    if (end < 0) return
    const head = got.latin1Slice(0, end)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    if (!length) return fail(new Error(`An answer without a length: ${head}`))
    if (got.length < end + 4 + Number(length[1])) return
    got = Buffer.alloc(0)
    const tell = answered
    answered = null
    tell(Number(head.slice(9, 12)))
  })
  return {
    send(bytes, done) {
      if (broken) return done(broken)
      answered = done
      socket.write(bytes)
    },
    close: () => socket.destroy(),
  }
}

/** `connections` to one server, and what is asked on them, in turn. */
export function createLoad(name, port, connections) {
  const lanes = Array.from({ length: connections }, () => createConnection(port))
  const idle = [...lanes]
  const waiting = []
  let turn = 0
  const check = (status) => {
    if (status !== 200) throw status instanceof Error ? status : new Error(`${name} answered ${status}.`)
  }
  const start = (lane, { bytes, done }) =>
    lane.send(bytes, (status) => {
      check(status)
      done()
      const next = waiting.shift()
      if (next) start(lane, next)
      else idle.push(lane)
    })
  return {
    /** As many as it can take for `ms`: how many were answered in this time. The last ones are waited for. */
    full(requests, ms) {
      return new Promise((resolve) => {
        const end = performance.now() + ms
        let answered = 0
        let left = lanes.length
        for (const lane of lanes) {
          const next = () =>
            lane.send(requests[turn++ % requests.length], (status) => {
              check(status)
              if (performance.now() < end) {
                answered++
                next()
              } else if (--left === 0) resolve(answered)
            })
          next()
        }
      })
    },
    /** One request, as soon as a connection is free. Resolves with the milliseconds that it took, waiting for a connection included. */
    one(requests) {
      return new Promise((resolve) => {
        const began = performance.now()
        const task = { bytes: requests[turn++ % requests.length], done: () => resolve(performance.now() - began) }
        const lane = idle.pop()
        if (lane) start(lane, task)
        else waiting.push(task)
      })
    },
    close() {
      for (const lane of lanes) lane.close()
    },
  }
}
