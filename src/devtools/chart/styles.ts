/** How the timeline looks; it needs the colours below `--kt`. */
export const chartStyles: string = `
.timeline { overflow: auto; min-block-size: 0; outline-offset: -2px; }
.timeline svg { display: block; font: 11px/1 var(--kt-sans); }
.timeline .nothing { margin: 0; padding: 1rem; color: var(--kt-soft); }
.timeline .name { fill: var(--kt-text); font-weight: 600; }
.timeline .time { fill: var(--kt-soft); font-size: 10.5px; }
.timeline .grid { stroke: var(--kt-line); }
.timeline .present { stroke: var(--kt-accent); stroke-width: 2; }
.timeline .rule { stroke: var(--kt-line); }
.bar { fill: var(--kt-sent); }
.bar.lock { fill: var(--kt-lock); }
.bar.lock-waiting, .bar.waiting { fill: var(--kt-wait); }
.bar.attempt { fill: var(--kt-accent); }
.bar.attempt.good { fill: var(--kt-good); }
.bar.attempt.bad, .bar.bad { fill: var(--kt-bad); }
.bar.repeated { fill: var(--kt-accent); }
.mark { fill: var(--kt-soft); }
.mark.good { fill: var(--kt-good); }
.mark.bad { fill: var(--kt-bad); }
.mark.cross { fill: none; stroke: var(--kt-bad); stroke-width: 2; }
.mark.news { stroke: var(--kt-soft); stroke-width: 1.5; }
.mark.asked { fill: var(--kt-text); }
.mark.session { stroke: var(--kt-text); stroke-width: 1; }
.link { stroke: var(--kt-soft); stroke-dasharray: 2 3; fill: none; }
.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 0.9rem; margin: 0; padding: 0; list-style: none; color: var(--kt-soft); font-size: 11.5px; }
.legend li { display: inline-flex; align-items: center; gap: 0.3rem; }
.legend svg { flex: none; }
@media (forced-colors: active) {
  .bar, .mark { forced-color-adjust: none; }
}
`

export const lightColours: string = `
--kt-surface: #fffefb; --kt-sunken: #efece4; --kt-line: #e0dbcf; --kt-edge: #8b8677; --kt-text: #22251f; --kt-soft: #5d6156;
--kt-accent: #1f6a58; --kt-on-accent: #ffffff; --kt-wash: #dcebe4; --kt-good: #1f7a4d; --kt-bad: #b3261e; --kt-bad-wash: #fae4dd; --kt-note: #74540f; --kt-note-wash: #f7ecd0;
--kt-sent: #6d7fa8; --kt-wait: #c27c0e; --kt-lock: #cfc8b6;
--kt-sans: ui-sans-serif, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; --kt-mono: ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace;
`

export const darkColours: string = `
--kt-surface: #1c1f1c; --kt-sunken: #282c28; --kt-line: #353a34; --kt-edge: #7d8479; --kt-text: #e9ebe4; --kt-soft: #a6ada1;
--kt-accent: #7cc9ae; --kt-on-accent: #10251d; --kt-wash: #22382f; --kt-good: #6fcf97; --kt-bad: #f28b7d; --kt-bad-wash: #40221c; --kt-note: #e8c983; --kt-note-wash: #382e17;
--kt-sent: #93a5d0; --kt-wait: #e2a33b; --kt-lock: #4c5148;
`
