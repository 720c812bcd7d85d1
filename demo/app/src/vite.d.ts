declare module '*?raw' {
  const text: string
  export default text
}
declare module '*?sharedworker&url' {
  const url: string
  export default url
}
declare module '*.css'

interface ImportMetaEnv {
  /** `static`: the site whose server runs in the page. */
  readonly MODE: string
  /** Where the site's own files are; ends with a slash. */
  readonly BASE_URL: string
}

interface ImportMeta {
  readonly env: ImportMetaEnv
}
