import { chartStyles, darkColours, lightColours } from '../chart/styles.ts'
import { partStyles } from './part-styles.ts'

const css = `
:host { all: initial; color-scheme: light dark; ${lightColours} }
@media (prefers-color-scheme: dark) { :host { ${darkColours} } }
*, *::before, *::after { box-sizing: border-box; }
.launcher, .panel { position: fixed; z-index: 2147483000; font: 13px/1.45 var(--kt-sans); color: var(--kt-text); }
.launcher { inset-block-end: 12px; inset-inline-end: 12px; display: inline-flex; align-items: center; gap: 0.5rem; min-block-size: 44px;
  padding: 0 0.9rem; border: 1px solid var(--kt-edge); border-radius: 22px; background: var(--kt-surface); box-shadow: 0 4px 18px rgb(0 0 0 / 0.22);
  font-weight: 600; cursor: pointer; }
.panel { inset: auto 0 0 0; display: flex; flex-direction: column; block-size: min(30rem, 62dvh); border-block-start: 2px solid var(--kt-accent);
  background: var(--kt-surface); box-shadow: 0 -6px 30px rgb(0 0 0 / 0.2); }
button, select, input { font: inherit; color: inherit; }
button:focus-visible, select:focus-visible, input:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--kt-accent); outline-offset: 1px; }
.head { display: flex; flex: none; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.8rem; padding: 0.35rem 0.6rem; border-block-end: 1px solid var(--kt-line); }
.head .brand { display: inline-flex; align-items: center; gap: 0.4rem; font-weight: 700; }
.head .push { margin-inline-start: auto; }
.status { display: inline-flex; align-items: center; gap: 0.4rem; }
.dot { flex: none; inline-size: 10px; block-size: 10px; border-radius: 50%; background: var(--kt-soft); }
.dot.good { background: var(--kt-good); }
.dot.bad { background: var(--kt-bad); border-radius: 2px; }
.digits { font-variant-numeric: tabular-nums; }
.soft { color: var(--kt-soft); }
${chartStyles}
${partStyles}
@media (prefers-reduced-motion: no-preference) { .dot.busy { animation: beat 1s ease-in-out infinite alternate; } }
@keyframes beat { to { opacity: 0.3; } }
`

let sheet: CSSStyleSheet | null = null

/** Gives a shadow root its styles, in a way that a Content-Security-Policy without `unsafe-inline` allows. */
export function styleShadow(root: ShadowRoot): void {
  if (typeof CSSStyleSheet === 'undefined' || !('adoptedStyleSheets' in root)) return
  if (!sheet) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
  }
  root.adoptedStyleSheets = [sheet]
}
