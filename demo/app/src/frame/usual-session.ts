import axios, { type AxiosAdapter, getAdapter, type InternalAxiosRequestConfig } from 'axios'
import type { TraceStep } from '../../../../src/core/ports.ts'
import { createRecorder } from '../../../../src/devtools/record/recorder.ts'
import { recordsOf } from '../shared/talk.ts'
import { type FrameSession, nameIn, realNow, type View } from './session.ts'
import { api } from './usual-interceptor.ts'

/** Who is sent later than this (ms) has waited. */
const MOMENT = 20

/** Numbers a request, so that its second sending is known for one. axios keeps what it does not know in a config. */
type Numbered = InternalAxiosRequestConfig & { tour?: number; sent?: boolean }

/** The session of an app that uses the usual interceptor. What it does is written down from outside, by its adapters. */
export function usualSession(label: string): FrameSession {
  const recorder = createRecorder({ label, channel: recordsOf('usual') })
  const tell = (step: TraceStep) => recorder.add({ at: realNow(), session: null, version: 0, ...step }, realNow())
  let count = 0
  let waited = 0
  /** Requests that wait before they are sent. */
  const unsent = new Set<number>()

  const real = getAdapter(['xhr'])
  api.defaults.adapter = (async (config: Numbered) => {
    const request = config.tour ?? 0
    unsent.delete(request)
    tell({ step: 'request', request, state: config.sent ? 'repeated' : 'sent' })
    const failed = (status: number | undefined) => {
      if (status === 401 && !config.sent) {
        waited++
        tell({ step: 'request', request, state: 'waiting' })
      } else tell(status ? { step: 'answered', request, status } : { step: 'failed', request, why: 'network' })
    }
    return real(config).then(
      (response) => {
        tell({ step: 'answered', request, status: response.status })
        return response
      },
      (error) => {
        failed(error.response?.status)
        throw error
      },
    )
  }) as AxiosAdapter
  axios.defaults.adapter = (async (config: InternalAxiosRequestConfig) => {
    if (!config.url?.endsWith('/refresh-token')) return real(config)
    const began = realNow()
    tell({ step: 'asked', by: 'request', joined: false })
    tell({ step: 'attempt', attempt: 1 })
    const told = (type: string, status: number | null) => tell({ step: 'outcome', type, status, ms: realNow() - began })
    return real(config).then(
      (response) => {
        told('renewed', null)
        return response
      },
      (error) => {
        const status: number | undefined = error.response?.status
        told(status === 401 ? 'rejected' : 'unavailable', status ?? null)
        throw error
      },
    )
  }) as AxiosAdapter

  const listeners = new Set<() => void>()
  const stored = localStorage.getItem('user')
  let view: View = stored ? signedIn(stored) : { status: 'loading', name: null, words: null }
  const show = (next: View) => {
    view = next
    for (const listener of listeners) listener()
  }
  window.addEventListener('logout', () => {
    tell({ step: 'signed_out', reason: 'rejected' })
    show({ status: 'out', name: null, words: 'You were logged out.' })
  })
  // Such an app looks at storage when it is loaded, and not again. The tour waits until the first tab has signed in.
  const look = setInterval(() => {
    const name = localStorage.getItem('user')
    if (view.status !== 'loading') clearInterval(look)
    else if (name) show(signedIn(name))
  }, 50)

  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async signIn({ name, email, password }) {
      const { data } = await axios.post('/api/auth/login', { email, password })
      localStorage.setItem('accessToken', data.access_token)
      localStorage.setItem('refreshToken', data.refresh_token)
      localStorage.setItem('user', name)
      tell({ step: 'signed_in', by: 'this_tab' })
      show(signedIn(name))
    },
    async get(path) {
      const tour = ++count
      unsent.add(tour)
      const soon = setTimeout(() => {
        if (!unsent.has(tour)) return
        waited++
        tell({ step: 'request', request: tour, state: 'waiting' })
      }, MOMENT)
      try {
        const { data } = await api.get(path, { tour } as object)
        return nameIn(data)
      } catch (error) {
        // Nothing if its own answer has been told already.
        tell({ step: 'failed', request: tour, why: 'refused' })
        throw error
      } finally {
        clearTimeout(soon)
      }
    },
    save: (text) => api.post('/notes', { text }, { tour: ++count } as object),
    waited: () => waited,
  }
}

const signedIn = (name: string): View => ({ status: 'in', name, words: null })
