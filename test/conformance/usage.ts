export const usage = `Usage: npm run conformance -- --url <address>/auth/v1 --apikey <key> [switches]

  --profile <name>           hosted (default), default, v2 or strict
  --reuse-interval <s>       instead of the profile's
  --no-rotation              refresh token rotation is switched off
  --allow-reuse              version 2: spent tokens are always good for the last one
  --session-key <hex>        version 2: the key of every session (emulators only)
  --algorithm <name>         of access tokens: HS256 (default) or ES256
  --jwt-secret <text>        to forge HS256 access tokens
  --jwt-exp <s>              life of access tokens (default 3600)
  --password-length <n>      the least length of a password (default 6)
  --password-sets            passwords need letters and digits
  --leaked-password <text>   a password that the server knows to have leaked
  --current-password         a new password needs the current one
  --reauthentication         in a session older than a day a new password needs a code
  --timebox <s>, --inactivity <s>, --single
  --rate-limit-header <name> the header whose value is limited
  --mail-interval <s>        between two mails to one address
  --mail-quota <n>           mails in an hour; the cases use them up
  --gateway                  something in front answers preflights and unknown paths
  --admin-key <key>          the service role key: makes accounts, bans
  --account <email:password> a confirmed account that exists
  --time-travel <url>        takes POST {"ms": n} and moves the server's clock
  --frozen                   that clock does not move by itself
  --wait <s>                 without time travel: how long a case may really wait (default 0)
  --pace <ms>                wait before each request (default 0)
  --only <ids>               cases whose id begins so, separated by commas

Asked of /settings unless said: --autoconfirm, --anonymous, --no-signup, --no-email, --phone, --saml
`
