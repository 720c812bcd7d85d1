declare module '*?raw' {
  const text: string
  export default text
}
declare module '*?sharedworker&url' {
  const url: string
  export default url
}
declare module '*.css'
