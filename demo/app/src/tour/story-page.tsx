import { useState } from 'react'
import { Legend } from '../../../../src/devtools/chart/legend.tsx'
import { Code } from '../parts/code.tsx'
import { Link } from '../parts/link.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { frameOf, IS_STATIC } from '../router.ts'
import { SIDES, type Side } from '../shared/talk.ts'
import type { Story } from '../stories/types.ts'
import { SIDE_NAMES, SideView } from './side-view.tsx'
import { type Stage, useStage } from './use-stage.ts'

interface StoryPageProps {
  readonly story: Story
  readonly before: Story | undefined
  readonly after: Story | undefined
}

export function StoryPage({ story, before, after }: StoryPageProps) {
  const stage = useStage(story)
  const [chosen, setChosen] = useState<Side>('keyturn')
  const { facts } = stage
  return (
    <article className="story">
      <PageTitle>{story.title}</PageTitle>
      <p className="sentence">{story.sentence}</p>
      <p className="watch">
        <strong>Watch:</strong> {story.watch}
      </p>
      <Provoke story={story} stage={stage} />
      <fieldset className="which">
        <legend className="visually-hidden">Which side to show</legend>
        {SIDES.map((side) => (
          <label key={side}>
            <input type="radio" name="side" checked={side === chosen} onChange={() => setChosen(side)} />
            {SIDE_NAMES[side]}
          </label>
        ))}
      </fieldset>
      <div className="sides">
        {SIDES.map((side) => (
          <SideView
            key={side}
            side={side}
            story={story}
            run={stage.run}
            since={stage.since}
            chosen={side === chosen}
            checks={facts && story.judge(facts[side], side)}
          />
        ))}
      </div>
      <Legend />
      <div className="more">
        <section aria-labelledby="usual">
          <h2 id="usual">What the usual interceptor does</h2>
          <p>{story.usual}</p>
          {IS_STATIC && story.withoutServer && <p>{story.withoutServer}</p>}
          <p>
            <a href={frameOf({ side: 'keyturn', tab: 'A', poll: 'A', devtools: '1' })} target="_blank" rel="noopener">
              Open the app with the devtools<span className="visually-hidden"> (new tab)</span>
            </a>
          </p>
        </section>
        <section aria-labelledby="code">
          <h2 id="code">The code that does it</h2>
          {story.code.map(({ name, text }) => (
            <Code key={name} name={name} text={text} />
          ))}
        </section>
      </div>
      <nav className="turn" aria-label="Before and after">
        {before && <Link href={before.path}>← {before.title}</Link>}
        {after && (
          <Link href={after.path} className="after">
            {after.title} →
          </Link>
        )}
      </nav>
    </article>
  )
}

const WORDS: Readonly<Record<Stage['phase'], string>> = {
  'setting up': 'Two people sign in…',
  ready: 'Ready.',
  running: 'Happening now…',
  done: 'Look at both sides.',
  'no switches': 'This demo talks to a real Supabase project, so nothing can be broken here.',
  'no server': 'The demo’s server does not answer. Is it still running?',
}

function Provoke({ story, stage }: { story: Story; stage: Stage }) {
  const { phase } = stage
  const able = phase === 'ready'
  const over = phase === 'done'
  const bad = phase === 'no switches' || phase === 'no server'
  return (
    <div className="provoke">
      <button
        type="button"
        className={`button ${over || bad ? '' : 'main'}`}
        aria-disabled={!able || undefined}
        onClick={() => able && stage.provoke()}
      >
        {story.button}
      </button>
      <button type="button" className={`button ${over ? 'main' : ''}`} onClick={stage.again}>
        Start over
      </button>
      <p className={bad ? 'bad' : 'soft'} role="status">
        {WORDS[phase]}
      </p>
    </div>
  )
}
