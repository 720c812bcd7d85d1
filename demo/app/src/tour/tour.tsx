import { Link } from '../parts/link.tsx'
import { Logo } from '../parts/logo.tsx'
import { usePath } from '../router.ts'
import { stories } from '../stories/stories.ts'
import { FirstPage } from './first-page.tsx'
import { StoryPage } from './story-page.tsx'

export function Tour() {
  const path = usePath()
  const at = stories.findIndex((story) => story.path === path)
  const story = stories[at]
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to a place in the page, but in a static site what follows # is a page */}
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          document.getElementById('main')?.focus()
        }}
      >
        Skip to the content
      </a>
      <div className="shell">
        <header className="side-bar">
          <Link href="/" className="home">
            <Logo />
          </Link>
          <Stories path={path} />
        </header>
        <main id="main" tabIndex={-1}>
          {story ? (
            <StoryPage key={story.path} story={story} before={stories[at - 1]} after={stories[at + 1]} />
          ) : (
            <FirstPage />
          )}
        </main>
      </div>
    </>
  )
}

/** The list of stories: beside the page where there is room, folded up where there is none. */
function Stories({ path }: { path: string }) {
  const list = (
    <ol>
      {stories.map((story) => (
        <li key={story.path}>
          <Link href={story.path} aria-current={story.path === path ? 'page' : undefined}>
            {story.title}
          </Link>
        </li>
      ))}
    </ol>
  )
  return (
    <>
      <nav className="wide" aria-label="Stories">
        {list}
      </nav>
      <details className="narrow" key={path}>
        <summary>Stories</summary>
        <nav aria-label="Stories">{list}</nav>
      </details>
    </>
  )
}
