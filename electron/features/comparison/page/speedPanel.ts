/** What an image costs with each model, as bars that can run at real speed. */
import { formatCount, formatSeconds } from '../../../terminal/quantities.ts';
import { speedup, type Comparison } from '../comparison.ts';
import { formatSpeedup } from '../comparisonTable.ts';
import { html, type Markup } from './html.ts';

/** `sources[column][row]` are the images' data URIs; the first row's wait at the end of the bars. */
export function speedPanel(comparison: Comparison, sources: readonly (readonly string[])[]): Markup {
  const { columns, prompts } = comparison;
  const slowest = Math.max(...columns.map(({ secondsPerImage }) => secondsPerImage));
  const lanes = columns.map((column, index) => {
    const { label, kind, evaluations, secondsPerImage } = column;
    const share = ((secondsPerImage / slowest) * 100).toFixed(3);
    return html`<li class="${kind}" style="--share:${share}%;--seconds:${secondsPerImage}s">
      <span class="name">${label}</span>
      <span class="track"><span class="run"></span><img src="${sources[index]?.[0] ?? ''}" alt="" /></span>
      <span class="time"
        >${formatSeconds(secondsPerImage)}<small>${formatCount(evaluations, 'evaluation')}</small></span
      >
      <strong>${index === 0 ? 'reference' : `${formatSpeedup(speedup(comparison, column))}×`}</strong>
    </li>`;
  });
  return html`<section aria-labelledby="speed-title">
    <h2 id="speed-title">Time for one image</h2>
    <p class="about">
      Bars are to scale. The race runs in real time${prompts[0] ? `, for “${prompts[0]}”` : ''}.
      <button type="button" class="race">Start the race</button>
    </p>
    <ol class="speed">
      ${lanes}
    </ol>
  </section>`;
}
