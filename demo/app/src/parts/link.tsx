import type { ComponentProps } from 'react'
import { hrefOf, navigate } from '../router.ts'

/** A link within the tour: it loads no page. */
export function Link({ href, ...rest }: ComponentProps<'a'> & { readonly href: string }) {
  return (
    <a
      {...rest}
      href={hrefOf(href)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        navigate(href)
      }}
    />
  )
}
