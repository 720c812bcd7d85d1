import { defineCase } from '../case.ts'
import { isError, isStatus, same } from '../expect.ts'
import { anyTime, confirmation, mailInterval, mailQuota } from '../needs.ts'
import { newCredentials } from '../target.ts'

const code = 'over_email_send_rate_limit'

/** How often a server that wants addresses confirmed writes to them. */
export const mailLimits = [
  defineCase('S26', 'the same address again at once', [confirmation, mailInterval], async ({ post, facts }) => {
    const credentials = newCredentials()
    await isStatus(post('/signup', credentials), 200)
    const told = /^For security purposes, you can only request this after (\d+) seconds\.$/
    const { body } = await isError(post('/signup', credentials), 429, code, told)
    const seconds = Number(told.exec(body.message)?.[1])
    same(seconds > 0 && seconds <= (facts.mailInterval ?? 0), true, `${seconds} s are within the interval`)
  }),
  defineCase(
    'S27',
    'the same address again after the interval',
    [confirmation, mailInterval, anyTime(({ mailInterval }) => (mailInterval ?? 0) + 1)],
    async ({ post, wait, facts }) => {
      const credentials = newCredentials()
      await isStatus(post('/signup', credentials), 200)
      await wait((facts.mailInterval ?? 0) + 1)
      await isStatus(post('/signup', credentials), 200)
    },
  ),
  defineCase('S29', 'more mails than in an hour', [confirmation, mailQuota], async ({ post, facts }) => {
    for (let sent = 0; sent < (facts.mailQuota ?? 0); sent++) {
      // Other cases may have used up some of it.
      if ((await post('/signup', newCredentials())).status === 429) break
    }
    await isError(post('/signup', newCredentials()), 429, code, 'email rate limit exceeded')
  }),
]
