import type { Auth } from 'keyturn'

/**
 * A socket that says who it is in its first message. It connects again with a fresh token when it breaks, and is closed
 * when the person changes. Gives the way to stop.
 */
export function connect(auth: Auth, url: string, heard: (text: string) => void, pause = 1000): () => void {
  let socket: WebSocket | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0
  const open = async () => {
    const mine = ++turn
    const token = await auth.getAccessToken().catch(() => null)
    // Somebody else may have signed in while the token was renewed.
    if (mine !== turn) return
    if (!token) return again(mine)
    const next = new WebSocket(url)
    socket = next
    next.addEventListener('open', () => next.send(JSON.stringify({ token })))
    next.addEventListener('message', ({ data }) => mine === turn && heard(String(data)))
    next.addEventListener('close', () => again(mine))
  }
  const again = (mine: number) => {
    if (mine === turn) timer = setTimeout(() => void open(), pause)
  }
  const drop = () => {
    turn++
    clearTimeout(timer)
    socket?.close()
    socket = null
  }
  const off = auth.on('user_changed', ({ user }) => {
    drop()
    // Told before the new session is there.
    if (user) timer = setTimeout(() => void open())
  })
  void open()
  return () => {
    off()
    drop()
  }
}
