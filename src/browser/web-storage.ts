/** The page's localStorage; null where there is no page, or where it is blocked. */
export function localStore(): Storage | null {
  try {
    return typeof document === 'undefined' ? null : localStorage
  } catch {
    return null
  }
}
