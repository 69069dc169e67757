/** The page's style. Greys are neutral, since people judge colours here; copper is for what is ours. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfbfa; --raised: #ffffff; --ink: #1a1a1a; --quiet: #63635f; --line: #e3e3e0; --tint: #f2f2f0;
  --copper: #a8481a; --copper-soft: #a8481a1a; --bar: #cfcfca;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Inter, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace;
  --radius: 6px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161616; --raised: #1e1e1e; --ink: #ededeb; --quiet: #a2a29d; --line: #313130; --tint: #222221;
    --copper: #f0935a; --copper-soft: #f0935a24; --bar: #4a4a48;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1560px; padding: 0 clamp(1rem, 3.5vw, 3.5rem) 4rem;
  background: var(--paper); color: var(--ink);
  font: 400 1rem/1.55 var(--sans); font-variant-numeric: tabular-nums; text-wrap: pretty; overflow-wrap: break-word;
}
h1, h2, h3 { line-height: 1.12; font-weight: 650; letter-spacing: -0.022em; text-wrap: balance; margin: 0; }
h1 { font-size: clamp(1.9rem, 3.4vw, 3.25rem); max-width: 24ch; }
h2 { font-size: clamp(1.4rem, 2.2vw, 1.75rem); }
h3 { font-size: 1.05rem; letter-spacing: -0.01em; }
section { margin-top: clamp(3rem, 6vw, 5rem); }
p { margin: 0; }
small { display: block; font-size: 0.75rem; font-weight: 400; color: var(--quiet); line-height: 1.4; }
img { display: block; width: 100%; height: auto; border-radius: var(--radius); }
:focus-visible { outline: 2px solid var(--copper); outline-offset: 2px; }
.about { color: var(--quiet); max-width: 75ch; margin: 0.5rem 0 1.5rem; }
.scroller { overflow-x: auto; }

.masthead { display: flex; flex-wrap: wrap; gap: 1.75rem 3rem; align-items: end; justify-content: space-between; padding: clamp(1.75rem, 3.5vw, 3.25rem) 0 1.75rem; border-bottom: 1px solid var(--line); }
.masthead + main > :first-child { margin-top: 2.25rem; }
.eyebrow { color: var(--copper); font-size: 0.8125rem; font-weight: 600; letter-spacing: 0.09em; text-transform: uppercase; margin-bottom: 0.75rem; }
.lede { color: var(--quiet); margin-top: 0.9rem; }
.findings { display: flex; flex-wrap: wrap; gap: 1rem clamp(1.25rem, 2.5vw, 2.5rem); list-style: none; margin: 0; padding: 0; color: var(--quiet); font-size: 0.8125rem; }
.findings li { max-width: 9.5rem; line-height: 1.4; }
.findings strong { display: block; color: var(--ink); font-size: clamp(1.8rem, 3vw, 2.5rem); font-weight: 600; letter-spacing: -0.03em; line-height: 1.15; }
.findings li:first-child strong { color: var(--copper); }

button, select { font: inherit; color: inherit; }
.race { margin-left: 0.5rem; padding: 0.3rem 0.9rem; border: 1px solid var(--line); border-radius: 99px; background: var(--raised); font-size: 0.875rem; font-weight: 550; color: var(--ink); cursor: pointer; }
.race:hover { border-color: var(--copper); color: var(--copper); }

.gallery { display: grid; grid-template-columns: minmax(0, 1fr) clamp(19rem, 26vw, 25rem); gap: clamp(1.5rem, 3vw, 3rem); align-items: start; }
.grid { border-collapse: separate; border-spacing: 0; width: 100%; table-layout: fixed; }
.grid thead th { text-align: left; vertical-align: bottom; padding: 0 4px 0.6rem; font-size: 0.8125rem; font-weight: 600; line-height: 1.25; }
.grid .name { display: block; }
.grid .cost { display: block; margin-top: 0.25rem; font-size: 0.6875rem; font-weight: 400; color: var(--quiet); line-height: 1.4; }
.grid thead td, .grid tbody th { width: clamp(6.5rem, 11vw, 10rem); }
.grid .student .name { color: var(--copper); }
.grid tbody th { text-align: left; font-weight: 400; padding: 0; }
.grid tbody button { display: block; width: 100%; padding: 0.4rem 0.75rem 0.4rem 0.6rem; border: 0; background: none; text-align: left; font-size: 0.8125rem; line-height: 1.35; color: var(--quiet); cursor: pointer; }
.grid td { padding: 4px; }
.grid tbody img { cursor: zoom-in; transition: transform 120ms ease-out; }
.grid tbody img:hover { transform: scale(1.12); position: relative; z-index: 1; }
.grid .current { background: var(--tint); }
.grid .current th { box-shadow: inset 2px 0 var(--copper); }
.grid .current button { color: var(--ink); }

.viewer { position: sticky; top: 1.5rem; --split: 50%; }
.stage { position: relative; overflow: hidden; border-radius: calc(var(--radius) * 2); box-shadow: 0 0 0 1px var(--line); }
.stage img { image-rendering: pixelated; border-radius: 0; user-select: none; }
.stage .left { position: absolute; inset: 0; height: 100%; clip-path: inset(0 calc(100% - var(--split)) 0 0); }
.divider { position: absolute; inset: 0 auto 0 var(--split); width: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 0 1px #0006; pointer-events: none; }
.divider::after { content: ""; position: absolute; top: 50%; left: 50%; width: 30px; height: 30px; translate: -50% -50%; border-radius: 50%; background: #fff; box-shadow: 0 0 0 1px #0003, 0 2px 8px #0005; background-image: linear-gradient(90deg, transparent 10px, #555 10px 12px, transparent 12px 18px, #555 18px 20px, transparent 20px); background-size: 30px 12px; background-position: 0 9px; background-repeat: no-repeat; }
.stage input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize; }
.stage:focus-within { outline: 2px solid var(--copper); outline-offset: 2px; }
.pickers { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-top: 0.9rem; }
.pickers label { font-size: 0.75rem; color: var(--quiet); min-width: 0; }
.pickers label:last-child { text-align: right; }
.pickers select { width: 100%; padding: 0.4rem 0.5rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); color: var(--ink); font-size: 0.875rem; }
.viewer .shown { margin-top: 1rem; font-weight: 550; line-height: 1.35; }
.hint { margin-top: 0.3rem; font-size: 0.8125rem; color: var(--quiet); }

.speed { list-style: none; margin: 0; padding: 0; }
.speed li { display: grid; grid-template-columns: minmax(7rem, 13rem) minmax(0, 1fr) 7.5rem 6rem; gap: 0 1.25rem; align-items: center; padding: 0.45rem 0; border-top: 1px solid var(--line); }
.speed li:last-child { border-bottom: 1px solid var(--line); }
.speed .name { font-weight: 550; font-size: 0.9375rem; }
.speed .track { display: flex; align-items: center; gap: 0.6rem; padding-right: 3.5rem; }
.speed .run { flex: none; width: max(3px, var(--share)); height: 0.7rem; border-radius: 3px; background: var(--bar); transform-origin: left; }
.speed .student .run { background: var(--copper); }
.speed img { flex: none; width: 2.5rem; border-radius: 4px; margin-right: -3.5rem; }
.speed .time { text-align: right; font-size: 0.9375rem; }
.speed strong { text-align: right; font-size: 1.25rem; font-weight: 600; letter-spacing: -0.02em; }
.speed .reference strong { font-size: 0.8125rem; font-weight: 400; letter-spacing: 0; color: var(--quiet); }
.speed .student strong { color: var(--copper); }
.racing .run { animation: grow var(--seconds) linear both; }
.racing img { animation: appear 120ms var(--seconds) both; }
@keyframes grow { from { width: 0; } }
@keyframes appear { from { opacity: 0; } }

.quality { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
.quality th, .quality td { padding: 0.6rem 0.75rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
.quality th:first-child { text-align: left; padding-left: 0; white-space: normal; min-width: 11rem; }
.quality thead th { vertical-align: bottom; font-size: 0.8125rem; font-weight: 600; white-space: normal; line-height: 1.3; }
.quality tbody th { font-weight: 600; }
.quality .student th { color: var(--copper); }
.quality .reference td { color: var(--quiet); }
.quality td { padding-right: 1.6rem; }
.quality .best { font-weight: 650; background: var(--copper-soft); position: relative; }
.quality .best span { position: absolute; right: 0.45rem; color: var(--copper); font-size: 0.75em; line-height: 2; }
abbr { text-decoration: none; color: var(--quiet); }
.meanings { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.1rem 2.5rem; margin: 1.75rem 0 0; font-size: 0.875rem; }
.meanings dt { font-weight: 600; }
.meanings em { font-style: normal; font-weight: 400; color: var(--quiet); font-size: 0.8125rem; margin-left: 0.3rem; }
.meanings dd { margin: 0.1rem 0 0; color: var(--quiet); line-height: 1.5; }

.together { margin-left: 0.6rem; white-space: nowrap; color: var(--ink); }
input { accent-color: var(--copper); }
.strip { display: grid; grid-template-columns: clamp(11rem, 17vw, 15rem) minmax(0, 1fr); gap: 0.9rem clamp(1.25rem, 3vw, 2.5rem); padding: 1.5rem 0; border-top: 1px solid var(--line); align-items: start; }
.strip header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 0.2rem 0.9rem; align-items: baseline; }
.strip header p { color: var(--quiet); font-size: 0.875rem; }
.seeds { display: grid; grid-template-columns: 1fr 1fr; gap: 4px; }
.gauge { position: relative; height: 6px; border-radius: 3px; background: var(--tint); box-shadow: inset 0 0 0 1px var(--line); }
.gauge span { position: absolute; inset: 0 auto 0 0; width: var(--level); border-radius: 3px; background: var(--copper); }
.gauge::after { content: ""; position: absolute; left: var(--target, -9999px); top: -3px; bottom: -3px; width: 2px; margin-left: -1px; background: var(--ink); }
.film { min-width: 0; }
.film .gauge { overflow: clip; overflow-clip-margin: 4px; }
.now .gauge { margin-top: 0.75rem; height: 8px; overflow: clip; overflow-clip-margin: 4px; }
.reading { margin-top: 0.5rem; font-size: 0.8125rem; color: var(--quiet); min-height: 2lh; }
.film ol { display: grid; grid-template-columns: repeat(var(--frames), minmax(2.5rem, 1fr)); gap: 4px; list-style: none; margin: 0; padding: 4px; overflow-x: auto; }
.film li { display: grid; gap: 4px; padding: 4px; border-radius: calc(var(--radius) + 2px); cursor: pointer; }
.film li:hover { background: var(--tint); }
.film li.shown { background: var(--tint); box-shadow: 0 0 0 1.5px var(--copper); }
.film img { border-radius: 4px; }
.film small { text-align: center; }
.film input { display: block; width: calc(100% - 100% / var(--frames) + 16px); margin: 0.5rem auto 0; }

.notes { margin: 1.25rem 0 1.5rem; padding: 0 0 0 1.1rem; max-width: 75ch; }
.notes li { margin: 0.4rem 0; }
.notes ::marker { color: var(--copper); }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { padding: 0.75rem 0; cursor: pointer; font-weight: 550; }
pre { margin: 0 0 1rem; padding: 1rem 1.25rem; border-radius: var(--radius); background: var(--tint); font: 0.8125rem/1.55 var(--mono); overflow-x: auto; white-space: pre-wrap; }
.environment { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 0.75rem 2rem; margin: 0 0 1.25rem; font-size: 0.875rem; }
.environment dt { color: var(--quiet); }
.environment dd { margin: 0; }
footer { margin-top: 4rem; color: var(--quiet); font-size: 0.8125rem; }

@media (max-width: 60rem) {
  .gallery { grid-template-columns: minmax(0, 1fr); }
  .viewer { position: static; max-width: 25rem; }
  .grid { min-width: calc(6.5rem + 5rem * 6); }
  .speed li { grid-template-columns: 1fr auto auto; }
  .speed .track { grid-row: 2; grid-column: 1 / -1; }
  .strip { grid-template-columns: minmax(0, 1fr); }
  .now { max-width: 16rem; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) { .run, .gauge span { background: CanvasText !important; forced-color-adjust: none; } }
`;
