import { useCallback, useEffect, useState } from 'react'
import { api, auth } from '../auth.ts'
import { useFeed } from '../feed.tsx'
import {
  expireTokens,
  readTrouble,
  refreshCount,
  SHORT_LIFETIME,
  setDown,
  setHang,
  setLifetime,
  setOffline,
  type Trouble,
  USUAL_LIFETIME,
} from '../trouble.ts'
import { count, failureWords } from '../words.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Switch } from './switch.tsx'

const BURST = 20

/** Buttons that make trouble on purpose. */
export function TroubleCard() {
  const { tell } = useFeed()
  /** undefined: not known yet; null: a real Supabase project, which has no such switches. */
  const [trouble, setTrouble] = useState<Trouble | null>()
  const [outcome, setOutcome] = useState('')

  const say = useCallback(
    (text: string, tone?: 'good' | 'bad') => {
      setOutcome(text)
      tell(text, tone)
    },
    [tell],
  )
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      say(failureWords(error), 'bad')
    }
  }

  useEffect(() => {
    const read = () => readTrouble().then(setTrouble, () => {})
    void read()
    // Another tab may have turned a switch meanwhile.
    window.addEventListener('focus', read)
    return () => window.removeEventListener('focus', read)
  }, [])

  const expire = async () => {
    setTrouble(await expireTokens())
    say('The server has forgotten every access token. The next request will get a 401.')
  }

  const burst = async () => {
    const before = trouble ? await refreshCount() : 0
    const answers = await Promise.allSettled(Array.from({ length: BURST }, () => api.get('/ping')))
    const answered = answers.filter(({ status }) => status === 'fulfilled').length
    const words = `${answered} of ${BURST} requests were answered.`
    if (!trouble) return say(words, answered === BURST ? 'good' : 'bad')
    const refreshes = (await refreshCount()) - before
    say(
      `${words} The server saw ${count(refreshes, 'refresh').replace('refreshs', 'refreshes')}.`,
      answered === BURST ? 'good' : 'bad',
    )
  }

  const refresh = async () => {
    await auth.refresh()
    setOutcome('There is a new access token.')
  }

  const shorten = async (on: boolean) => {
    setTrouble(await setLifetime(on ? SHORT_LIFETIME : USUAL_LIFETIME))
    say(`From now on tokens live ${on ? `${SHORT_LIFETIME} seconds` : `${USUAL_LIFETIME / 60} minutes`}.`)
    await auth.refresh()
  }

  const flip = (set: (on: boolean) => Promise<Trouble>, words: (on: boolean) => string) => (on: boolean) =>
    void attempt(async () => {
      setTrouble(await set(on))
      say(words(on))
    })

  return (
    <Card title="Make trouble" className="trouble" intro="Press anything, in any order. You should stay signed in.">
      <div className="buttons">
        {trouble && <Button onPress={() => attempt(expire)}>Expire the token</Button>}
        <Button onPress={() => attempt(burst)}>{BURST} requests at once</Button>
        <Button onPress={() => attempt(refresh)}>Refresh now</Button>
        <a className="button quiet" href="/" target="_blank" rel="noopener">
          Open a second tab<span className="visually-hidden"> (new tab)</span>
        </a>
      </div>
      <p className="outcome" role="status">
        {outcome || 'Try: expire the token, then send 20 requests. One refresh, 20 answers.'}
      </p>
      {trouble && (
        <div className="switches">
          <Switch
            label="Server down"
            hint="The demo’s server answers everything with 503. Nobody is signed out by that."
            on={trouble.down}
            onChange={flip(setDown, (on) => (on ? 'The server is down.' : 'The server is up again.'))}
          />
          <Switch
            label="Offline"
            hint="The demo’s server cuts every connection, as a lost Wi-Fi would. Requests fail; nobody is signed out."
            on={trouble.offline}
            onChange={flip(setOffline, (on) => (on ? 'The connection is lost.' : 'The connection is back.'))}
          />
          <Switch
            label="Refresh hangs"
            hint="The server takes refreshes and never answers. Keyturn gives up after 10 seconds and tries again."
            on={trouble.hang}
            onChange={flip(setHang, (on) => (on ? 'Refreshes hang from now on.' : 'Refreshes are answered again.'))}
          />
          <Switch
            label={`Short tokens (${SHORT_LIFETIME} s)`}
            hint="Watch the bar run down and the session renew itself, without a render of the app."
            on={trouble.lifetime === SHORT_LIFETIME}
            onChange={(on) => void attempt(() => shorten(on))}
          />
        </div>
      )}
      {trouble === null && (
        <p className="notice">
          This demo talks to a real Supabase project, so the switches that break the server are not here.
        </p>
      )}
      <p className="hint">
        The network panel of your browser’s developer tools can take the whole browser offline. What it says about that
        appears among the events.
      </p>
    </Card>
  )
}
