export function Logo() {
  return (
    <span className="logo">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="9" fill="var(--accent)" />
        <path d="M16 7a9 9 0 1 1-8.5 6" fill="none" stroke="var(--on-accent)" strokeWidth="3" strokeLinecap="round" />
        <circle cx="16" cy="16" r="3" fill="var(--brass)" />
      </svg>
      Keyturn
    </span>
  )
}
