import type { ReactNode } from 'react'
import type { Warning } from '../record/warnings.ts'

/** What seems to be set up wrongly. */
export function WarningsView({ list, traced }: { list: readonly Warning[]; traced: boolean }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="warnings" aria-label="Warnings" tabIndex={0}>
      {!traced && (
        <p className="note">
          This auth was made by a production build of keyturn, which records nothing and cannot be broken on purpose.
          Set the condition "development" in your bundler (Vite, webpack, Rspack and Parcel do it by themselves in
          development).
        </p>
      )}
      {list.length === 0 && traced && <p className="soft">Nothing looks wrong.</p>}
      {list.map(({ key, text, count }) => (
        <p key={key} className="note bad">
          {text}
          {count > 1 && ` (${count} times)`}
        </p>
      ))}
    </section>
  )
}
