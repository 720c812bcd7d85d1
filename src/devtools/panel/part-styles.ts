/** The styles of what is in the panel. */
export const partStyles: string = `
.tabs { display: flex; gap: 0.15rem; }
.tabs button, .tool { min-block-size: 30px; padding: 0 0.65rem; border: 1px solid transparent; border-radius: 6px; background: none; cursor: pointer; }
.tabs button[aria-selected="true"] { background: var(--kt-wash); border-color: var(--kt-accent); font-weight: 600; }
.tool { border-color: var(--kt-edge); background: var(--kt-surface); }
.tool:hover, .tabs button:hover { background: var(--kt-wash); }
.tool[aria-pressed="true"] { background: var(--kt-accent); color: var(--kt-on-accent); }
.tool.danger { border-color: var(--kt-bad); }
.tool[aria-disabled="true"] { color: var(--kt-soft); border-style: dashed; cursor: not-allowed; }
.count { min-inline-size: 1.3em; padding: 0 0.35em; border-radius: 1em; background: var(--kt-bad); color: var(--kt-surface); font-size: 0.85em; }
.actions { display: flex; flex: none; align-items: center; gap: 0.4rem; padding: 0.35rem 0.6rem; border-block-end: 1px solid var(--kt-line); background: var(--kt-sunken); overflow-x: auto; white-space: nowrap; }
.actions label, .filters label { display: inline-flex; align-items: center; gap: 0.35rem; }
select, input[type="search"] { min-block-size: 30px; padding: 0 0.4rem; border: 1px solid var(--kt-edge); border-radius: 6px; background: var(--kt-surface); }
.body { display: flex; flex: 1 1 auto; min-block-size: 0; flex-direction: column; }
.split { display: grid; flex: 1 1 auto; min-block-size: 0; grid-template-rows: minmax(0, 1fr) minmax(0, 1fr); }
.split > * { min-inline-size: 0; min-block-size: 0; }
.chart { display: flex; flex-direction: column; }
.chart .timeline { flex: 1 1 auto; }
.chart .legend { padding: 0.2rem 0.6rem; border-block-start: 1px solid var(--kt-line); }
.log { display: flex; flex-direction: column; border-block-start: 1px solid var(--kt-line); }
.filters { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.6rem; padding: 0.3rem 0.6rem; border-block-end: 1px solid var(--kt-line); }
.filters input { flex: 1 1 7rem; min-inline-size: 5rem; }
.rows { flex: 1 1 auto; overflow: auto; min-block-size: 0; outline-offset: -3px; }
.rows .sizer { position: relative; margin: 0; padding: 0; list-style: none; }
.rows .row { position: absolute; inset-inline: 0; display: grid; grid-template-columns: 7.4em 4.5em 1fr; gap: 0.6rem; align-items: center; block-size: 24px; padding-inline: 0.6rem; white-space: nowrap; overflow: hidden; }
.rows .row > * { overflow: hidden; text-overflow: ellipsis; }
.rows .row time, .rows .row .tab { color: var(--kt-soft); font-variant-numeric: tabular-nums; }
.rows .row.good .what { color: var(--kt-good); }
.rows .row.bad .what { color: var(--kt-bad); font-weight: 600; }
.session { display: grid; gap: 0.6rem 2rem; padding: 0.6rem 0.8rem; overflow: auto; outline-offset: -3px; }
.session h2 { margin: 0 0 0.2rem; font-size: 13px; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.1rem 0.9rem; margin: 0; }
.facts dt { color: var(--kt-soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
code { font-family: var(--kt-mono); font-size: 0.92em; }
.life { position: relative; block-size: 10px; margin-block: 0.3rem; border-radius: 5px; background: var(--kt-sunken); overflow: hidden; }
.life .left { position: absolute; inset-block: 0; inset-inline-start: 0; background: var(--kt-accent); }
.life .due { position: absolute; inset-block: 0; inline-size: 3px; background: var(--kt-text); }
.note { margin: 0; padding: 0.4rem 0.7rem; border-radius: 6px; background: var(--kt-note-wash); color: var(--kt-note); }
.said { flex: none; margin: 0; padding: 0.25rem 0.7rem; background: var(--kt-note-wash); color: var(--kt-note); }
.note.bad { background: var(--kt-bad-wash); color: var(--kt-bad); }
.warnings { display: grid; align-content: start; gap: 0.5rem; margin: 0; padding: 0.6rem 0.8rem; overflow: auto; list-style: none; outline-offset: -3px; }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (min-width: 56rem) {
  .split { grid-template-rows: none; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
  .log { border-block-start: 0; border-inline-start: 1px solid var(--kt-line); }
  .session { grid-template-columns: repeat(3, minmax(0, 1fr)); align-content: start; }
}
@media (max-width: 40rem) {
  .panel { block-size: 78dvh; }
  .actions button, .tabs button, .tool, select, input[type="search"] { min-block-size: 36px; }
  .head { gap: 0.2rem 0.4rem; padding: 0.25rem 0.4rem; }
  .head .brand, .chart .legend, .filters .soft { display: none; }
  .head .tabs { order: 1; inline-size: 100%; }
  .head .tabs button { flex: 1 1 0; }
  .actions, .filters { padding: 0.2rem 0.4rem; }
  .filters { flex-wrap: nowrap; }
  .filters select { max-inline-size: 6.5rem; }
  .split { grid-template-rows: minmax(0, 5fr) minmax(0, 4fr); }
  .rows .row { grid-template-columns: 7em 3.6em 1fr; gap: 0.3rem; padding-inline: 0.4rem; font-size: 12px; }
}
`
