import { useEffect, useRef } from 'react'

let first = true

/** The heading of a page. Takes the focus when the page changes, so that keyboards and screen readers start there. */
export function PageTitle({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${children} · Keyturn demo`
    // The browser has placed the focus on the page it loaded; do not move it.
    if (!first) heading.current?.focus()
    const timer = setTimeout(() => {
      first = false
    })
    return () => clearTimeout(timer)
  }, [children])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}
