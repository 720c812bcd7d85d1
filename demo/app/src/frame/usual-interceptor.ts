// The usual interceptor, as the most read answers have it: tokens in localStorage, a look at `exp` before each request,
// one refresh for all that wait, and a sign-out when that fails.
import axios, { type InternalAxiosRequestConfig } from 'axios'
import { jwtDecode } from 'jwt-decode'

export const api = axios.create({ baseURL: '/api' })

let refreshing: Promise<string> | null = null

async function refresh(): Promise<string> {
  const { data } = await axios.post('/api/auth/refresh-token', { refresh_token: localStorage.getItem('refreshToken') })
  localStorage.setItem('accessToken', data.access_token)
  localStorage.setItem('refreshToken', data.refresh_token)
  return data.access_token
}

function refreshOnce(): Promise<string> {
  refreshing ??= refresh().finally(() => {
    refreshing = null
  })
  return refreshing
}

function logout(): null {
  localStorage.clear()
  window.dispatchEvent(new Event('logout'))
  return null
}

const isExpired = (token: string) => (jwtDecode(token).exp ?? 0) * 1000 < Date.now()

api.interceptors.request.use(async (config) => {
  let token = localStorage.getItem('accessToken')
  if (token && isExpired(token)) token = await refreshOnce().catch(logout)
  if (token) config.headers.Authorization = `Bearer ${token}`
  return config
})

api.interceptors.response.use(undefined, async (error) => {
  const request = error.config as InternalAxiosRequestConfig & { sent?: boolean }
  if (error.response?.status !== 401 || request.sent || !localStorage.getItem('refreshToken')) throw error
  request.sent = true
  try {
    await refreshOnce()
  } catch (failure) {
    logout()
    throw failure
  }
  return api(request)
})
