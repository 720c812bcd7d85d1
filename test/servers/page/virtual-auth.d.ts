declare module 'virtual:auth' {
  import type { AxiosInstance } from 'axios'
  import type { Auth } from 'keyturn'

  export const auth: Auth<unknown, unknown>
  export const api: AxiosInstance
}

interface ImportMetaEnv {
  /** Origin of the server; empty when it is the page's own. */
  readonly VITE_API_URL: string
}

interface ImportMeta {
  readonly env: ImportMetaEnv
}
