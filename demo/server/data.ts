/** Things for the demo to show. */
export interface Project {
  readonly id: string
  readonly name: string
  readonly status: 'active' | 'paused' | 'done'
  readonly openTasks: number
}

export interface Activity {
  readonly id: string
  readonly text: string
  /** In minutes before now. */
  readonly minutesAgo: number
}

export const projects: readonly Project[] = [
  { id: 'p1', name: 'Analytical engine', status: 'active', openTasks: 12 },
  { id: 'p2', name: 'Compiler for the navy', status: 'active', openTasks: 4 },
  { id: 'p3', name: 'Bernoulli numbers', status: 'done', openTasks: 0 },
  { id: 'p4', name: 'Moth removal', status: 'paused', openTasks: 1 },
]

export const activity: readonly Activity[] = [
  { id: 'a1', text: 'Note G was reviewed', minutesAgo: 4 },
  { id: 'a2', text: 'Two punch cards were replaced', minutesAgo: 37 },
  { id: 'a3', text: 'Relay 70 was cleaned', minutesAgo: 180 },
]
