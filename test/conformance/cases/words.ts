/** The members of a token answer, in the order in which the server writes them. */
export const tokenMembers = ['access_token', 'token_type', 'expires_in', 'expires_at', 'refresh_token', 'user']

/** Long enough, in seconds, for the server's clock to show another second. */
export const nextSecond = 1.1

export const day = 86_400

export const invalidRefreshToken = {
  notFound: 'Invalid Refresh Token: Refresh Token Not Found',
  alreadyUsed: 'Invalid Refresh Token: Already Used',
  expired: 'Invalid Refresh Token: Session Expired',
  inactive: 'Invalid Refresh Token: Session Expired (Inactivity)',
  newerLogin: 'Invalid Refresh Token: Session Expired (Revoked by Newer Login)',
} as const

/** Does something `count` times at once. */
export const together = <T>(count: number, run: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, run))
