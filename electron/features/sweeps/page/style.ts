/** The report's style: neutral greys, copper for what is ours, one colour a variant; light, dark and printed. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfbfa; --ink: #1a1a1a; --soft: #63635f; --line: #e3e3e0; --tint: #f2f2f0; --surface: #ffffff;
  --copper: #a8481a; --held: #2f6f43; --held-wash: #2f6f431c; --not: #a8323f; --not-wash: #a8323f1c;
  --undecided: #7a6212; --undecided-wash: #b08a1e24;
  --series0: #b4531f; --series1: #2b6f9e; --series2: #7d4a9e; --series3: #3f7d4f; --series4: #b08a1e; --series5: #a83250; --series6: #4f8f8f; --series7: #6b6b66;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161616; --ink: #ededeb; --soft: #a2a29d; --line: #353533; --tint: #222221; --surface: #1e1e1e;
    --copper: #f0935a; --held: #7fc796; --held-wash: #7fc79622; --not: #f0909a; --not-wash: #f0909a22;
    --undecided: #e0bf62; --undecided-wash: #e0bf6222;
    --series0: #ee8a55; --series1: #6cb4e6; --series2: #c392e4; --series3: #83c997; --series4: #e0bf62; --series5: #f07f9c; --series6: #7fc9c9; --series7: #b4b4ae;
  }
}
@media print {
  :root {
    color-scheme: light; --paper: #fff; --ink: #1a1a1a; --soft: #55554f; --line: #ddd; --tint: #f5f5f3; --surface: #fff; --copper: #a8481a;
    --held: #2f6f43; --held-wash: #2f6f431c; --not: #a8323f; --not-wash: #a8323f1c; --undecided: #7a6212; --undecided-wash: #b08a1e24;
    --series0: #b4531f; --series1: #2b6f9e; --series2: #7d4a9e; --series3: #3f7d4f; --series4: #b08a1e; --series5: #a83250; --series6: #4f8f8f; --series7: #6b6b66;
  }
  body { font-size: 10pt; padding: 0; }
  section { break-inside: avoid-page; margin-top: 1.5rem; }
  figure, .sample, .statements li { break-inside: avoid; }
  details { display: none; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 0 clamp(1rem, 4vw, 3rem) 4rem; background: var(--paper); color: var(--ink); font: 400 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; text-wrap: pretty; overflow-wrap: break-word; }
h1, h2 { line-height: 1.12; font-weight: 650; letter-spacing: -0.022em; text-wrap: balance; margin: 0; }
h1 { font-size: clamp(2rem, 4vw, 3.1rem); }
h2 { font-size: 1.4rem; }
p { margin: 0; }
header { padding: clamp(2rem, 5vw, 4rem) 0 1.75rem; border-bottom: 1px solid var(--line); }
.eyebrow { color: var(--copper); font-size: 0.8125rem; font-weight: 600; letter-spacing: 0.09em; text-transform: uppercase; margin-bottom: 0.75rem; }
.claim { font-size: 1.15rem; line-height: 1.5; max-width: 46rem; margin-top: 1.1rem; }
.claim span, .soft { color: var(--soft); }
section { margin-top: clamp(2.25rem, 4.5vw, 3.5rem); }
.about { color: var(--soft); max-width: 48rem; margin: 0.5rem 0 1.25rem; }
.verdict { display: inline-block; padding: 0.1em 0.7em; border-radius: 99px; font-weight: 600; white-space: nowrap; }
.verdict.held { color: var(--held); background: var(--held-wash); }
.verdict.not-held { color: var(--not); background: var(--not-wash); }
.verdict.undecided { color: var(--undecided); background: var(--undecided-wash); }
h1 + .verdict { margin-top: 1rem; font-size: 1.05rem; }
.statements { list-style: none; margin: 0; padding: 0; }
.statements li { display: grid; grid-template-columns: 7rem minmax(0, 1fr) auto; gap: 0.25rem 1.25rem; align-items: baseline; padding: 0.7rem 0; border-top: 1px solid var(--line); }
.statements .verdict { font-size: 0.8125rem; justify-self: start; }
.statements .numbers { color: var(--soft); font-size: 0.875rem; text-align: right; white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1.25rem; }
figure { margin: 0; padding: 0.75rem; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
.figures.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); }
.figures + .figures { margin-top: 1.25rem; }
figure.parallel { grid-column: 1 / -1; }
figure svg { display: block; width: 100%; height: auto; max-height: 26rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.35rem 1.25rem; list-style: none; margin: 0 0 1rem; padding: 0; font-size: 0.875rem; }
.legend i { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.5em; border-radius: 3px; background: var(--tone); }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--sample)), 1fr)); gap: 1.25rem; }
.sample h3 { margin: 0 0 0.4rem; font-size: 0.9375rem; font-weight: 600; }
.sample img { display: block; width: 100%; max-width: var(--sample); height: auto; border-radius: 6px; image-rendering: pixelated; }
.points img { image-rendering: auto; background: #fff; }
.scroller { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
th, td { padding: 0.5rem 0.7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
thead th { vertical-align: bottom; white-space: normal; min-width: 5.5rem; font-size: 0.8125rem; }
tbody th { font-weight: 550; }
.baseline th, .baseline td { color: var(--soft); }
td small { color: var(--soft); }
.meanings { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem 2.5rem; margin: 1.5rem 0 0; font-size: 0.875rem; }
.meanings dt { font-weight: 600; }
.meanings dd { margin: 0; color: var(--soft); }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { padding: 0.75rem 0; cursor: pointer; font-weight: 550; }
pre { margin: 0 0 1rem; padding: 1rem 1.25rem; border-radius: 8px; background: var(--tint); font: 0.8125rem/1.55 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; }
.made { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.3rem 1.5rem; margin: 0 0 1.25rem; font-size: 0.875rem; }
.made dt { color: var(--soft); }
.made dd { margin: 0; }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.8125rem; }
:focus-visible { outline: 2px solid var(--copper); outline-offset: 2px; }
@media (max-width: 44rem) { .statements li { grid-template-columns: 1fr; } .statements .numbers { text-align: left; white-space: normal; } }
`;
