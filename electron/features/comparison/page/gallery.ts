/** The same seeds through every model, and a viewer that lays two of a row over each other. */
import { formatCount, formatSeconds } from '../../../terminal/quantities.ts';
import type { Comparison, ComparisonColumn } from '../comparison.ts';
import { html, type Markup } from './html.ts';

/** `sources[column][row]` are the images' data URIs. */
export function gallery(comparison: Comparison, sources: readonly (readonly string[])[]): Markup {
  const { columns, prompts } = comparison;
  const students = columns.flatMap(({ kind }, index) => (kind === 'student' ? [index] : []));
  const right = students[0] ?? columns.length - 1;
  const rows = prompts.map(
    (prompt, row) =>
      html`<tr data-row="${row}">
        <th scope="row"><button type="button" aria-pressed="false">${prompt || `Row ${row + 1}`}</button></th>
        ${columns.map(({ label }, column) => html`<td><img src="${sources[column]?.[row] ?? ''}" alt="${label}: ${prompt || `row ${row + 1}`}" data-column="${column}" /></td>`)}
      </tr>`,
  );
  return html`<section aria-labelledby="gallery-title">
    <h2 id="gallery-title">Same seeds, every model</h2>
    <p class="about">
      Each row starts from the same noise. Point at a row, or move with ↑ and ↓, to look closer.
    </p>
    <div class="gallery">
      <div class="scroller">
        <table class="grid" data-columns="${columns.length}">
          <thead>
            <tr>
              <td></td>
              ${columns.map(heading)}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>
      ${viewer(columns, sources, right)}
    </div>
  </section>`;
}

function heading({
  label,
  description,
  kind,
  steps,
  evaluations,
  secondsPerImage,
}: ComparisonColumn): Markup {
  return html`<th scope="col" class="${kind}" title="${description}">
    <span class="name">${label}</span>
    <span class="cost"
      >${formatCount(steps, 'step')}<br />${formatCount(evaluations, 'evaluation')}<br />${formatSeconds(secondsPerImage)}</span
    >
  </th>`;
}

/** Shows the first row until the script takes over. */
function viewer(
  columns: readonly ComparisonColumn[],
  sources: readonly (readonly string[])[],
  right: number,
): Markup {
  const options = (chosen: number): Markup[] =>
    columns.map(
      ({ label }, index) =>
        html`<option value="${index}" ${index === chosen ? html` selected` : ''}>${label}</option>`,
    );
  return html`<aside class="viewer" aria-label="Compare two models">
    <div class="stage">
      <img class="right" src="${sources[right]?.[0] ?? ''}" alt="" />
      <img class="left" src="${sources[0]?.[0] ?? ''}" alt="" />
      <span class="divider" aria-hidden="true"></span>
      <input type="range" min="0" max="100" value="50" aria-label="Where the left image ends, in percent" />
    </div>
    <div class="pickers">
      <label
        >Left
        <select class="pick-left">
          ${options(0)}
        </select></label
      >
      <label
        >Right
        <select class="pick-right">
          ${options(right)}
        </select></label
      >
    </div>
    <p class="shown" aria-live="polite"></p>
    <p class="hint">Drag across the picture. A click on an image in the table puts it on the right.</p>
  </aside>`;
}
