import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { Providers } from './providers'
import { serverAuth } from './server-auth'

export default async function Layout({ children }: { readonly children: ReactNode }) {
  const { state } = await serverAuth().read(await headers())
  return (
    <html lang="en">
      <body>
        <Providers state={state}>{children}</Providers>
      </body>
    </html>
  )
}
