import { type ReactNode, useId } from 'react'

interface CardProps {
  readonly title: string
  readonly intro?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

export function Card({ title, intro, className = '', children }: CardProps) {
  const id = useId()
  return (
    <section className={`card ${className}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {intro && <p className="intro">{intro}</p>}
      {children}
    </section>
  )
}
