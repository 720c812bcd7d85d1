import { useLoad } from '../use-load.ts'
import { count } from '../words.ts'
import { Card } from './card.tsx'
import { Loading } from './loading.tsx'

interface Project {
  readonly id: string
  readonly name: string
  readonly status: 'active' | 'paused' | 'done'
  readonly openTasks: number
}

export function Projects() {
  const result = useLoad<{ projects: readonly Project[] }>('/projects')
  return (
    <Card title="Projects">
      <Loading result={result} what="your projects">
        {({ projects }) => (
          <ul className="rows">
            {projects.map(({ id, name, status, openTasks }) => (
              <li key={id}>
                <span className="grow">{name}</span>
                <span className="hint">{openTasks === 0 ? 'nothing open' : `${count(openTasks, 'task')} open`}</span>
                <span className={`pill ${status}`}>{status}</span>
              </li>
            ))}
          </ul>
        )}
      </Loading>
    </Card>
  )
}
