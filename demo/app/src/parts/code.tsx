import { useState } from 'react'

/** Code to take away. */
export function Code({ name, text }: { name: string; text: string }) {
  const [copied, setCopied] = useState<'' | 'Copied' | 'Not allowed'>('')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied('Copied')
    } catch {
      setCopied('Not allowed')
    }
  }
  return (
    <figure className="code">
      <figcaption>
        <code>{name}</code>
        <button type="button" className="button small" onClick={() => void copy()}>
          {copied || 'Copy'}
          <span className="visually-hidden"> {name}</span>
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="text" tabIndex={0} aria-label={name}>
        <pre>{text.trim()}</pre>
      </section>
    </figure>
  )
}
