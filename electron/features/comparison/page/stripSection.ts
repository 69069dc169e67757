/** Runs through time: the same seeds at each sampled iteration, with a meter of their standard deviation. */
import { formatNumber } from '../../../terminal/quantities.ts';
import type { Comparison, Strip, StripFrame } from '../comparison.ts';
import { largestStd } from '../stripPicture.ts';
import { html, type Markup } from './html.ts';

/** `sources[strip][frame][seed]` are the images' data URIs. */
export function stripSection(
  { strips, dataStd }: Comparison,
  sources: readonly (readonly (readonly string[])[])[],
): Markup {
  if (strips.length === 0) return html``;
  const mark = dataStd === undefined ? '' : ` The line marks the real images’ ${formatNumber(dataStd)}.`;
  return html`<section aria-labelledby="strips-title">
    <h2 id="strips-title">Through time</h2>
    <p class="about">
      The same few seeds while each student trained. The bar is the samples’ standard deviation: a steady rise
      is over-baking.${mark}
      <label class="together"><input type="checkbox" checked /> Move all together</label>
    </p>
    ${strips.map((strip, index) => renderStrip(strip, sources[index] ?? [], dataStd))}
  </section>`;
}

function renderStrip(
  { label, description, frames }: Strip,
  sources: readonly (readonly string[])[],
  dataStd: number | undefined,
): Markup {
  const last = frames.length - 1;
  const frame = frames[last];
  const target = dataStd === undefined ? '' : `--target:${percent(dataStd)}`;
  return html`<article class="strip" style="--frames:${frames.length};${target}">
    <header>
      <h3>${label}</h3>
      <p>${description}</p>
    </header>
    <div class="now">
      <div class="seeds">
        ${(sources[last] ?? []).map((source, seed) => html`<img src="${source}" alt="${label}, seed ${seed + 1}" />`)}
      </div>
      <div class="gauge" style="--level:${percent(frame?.xStd ?? 0)}"><span></span></div>
      <p class="reading" aria-live="polite">${frame ? reading(frame) : ''}</p>
    </div>
    <div class="film">
      <ol>
        ${frames.map((each, index) => renderFrame(each, sources[index] ?? [], index === last))}
      </ol>
      <input
        type="range"
        min="0"
        max="${last}"
        value="${last}"
        aria-label="${label}: sampled iteration"
        aria-valuetext="${frame ? reading(frame) : ''}"
      />
    </div>
  </article>`;
}

function renderFrame(frame: StripFrame, sources: readonly string[], isShown: boolean): Markup {
  const { iteration, xStd } = frame;
  return html`<li
    data-iteration="${iteration}"
    data-reading="${reading(frame)}"
    style="--level:${percent(xStd)}"
    ${isShown ? html` class="shown"` : ''}
  >
    ${sources.map((source, seed) => html`<img src="${source}" alt="Iteration ${iteration}, seed ${seed + 1}" />`)}
    <div class="gauge"><span></span></div>
    <small>${iteration}</small>
  </li>`;
}

/** `iteration 150 · std 0.581 · dm_cos 0.941`. */
function reading({ iteration, xStd, metrics }: StripFrame): string {
  const others = Object.entries(metrics).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return [`iteration ${iteration}`, `std ${formatNumber(xStd)}`, ...others].join(' · ');
}

function percent(std: number): string {
  const share = Number.isFinite(std) ? Math.min(1, Math.max(0, std / largestStd)) : 0;
  return `${(share * 100).toFixed(1)}%`;
}
