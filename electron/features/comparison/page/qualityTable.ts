/** Quality beside cost, the best values marked, and what each number means. */
import { bestRows, formatCell } from '../../../terminal/table.ts';
import type { Comparison } from '../comparison.ts';
import { comparisonTable, metricKeys } from '../comparisonTable.ts';
import { describeMetric } from '../metricDescriptions.ts';
import { html, type Markup } from './html.ts';

const arrows = { lowest: '↓', highest: '↑' } as const;
const words = { lowest: 'lower is better', highest: 'higher is better' } as const;

export function qualityTable(comparison: Comparison): Markup {
  const table = comparisonTable(comparison);
  const best = table.columns.map((_, index) => bestRows(table, index));
  const headings = table.columns.map(
    ({ label, unit, best: direction }) =>
      html`<th scope="col">
        ${label}${direction ? html`  <abbr title="${words[direction]}">${arrows[direction]}</abbr>` : ''}${unit === undefined ? '' : html`<small>${unit}</small>`}
      </th>`,
  );
  const rows = table.rows.map((cells, position) => {
    const [name, ...numbers] = table.columns.map((column, index) => formatCell(column, cells[index] ?? null));
    const column = comparison.columns[position];
    return html`<tr class="${column?.kind ?? ''}">
      <th scope="row">${name ?? ''}<small>${column?.description ?? ''}</small></th>
      ${numbers.map((text, index) => (best[index + 1]?.has(position) ? html`<td class="best">${text}<span aria-label=", best"> ★</span></td>` : html`<td>${text}</td>`))}
    </tr>`;
  });
  return html`<section aria-labelledby="quality-title">
    <h2 id="quality-title">Quality and cost</h2>
    <p class="about">
      ★ marks the best value among the models compared with ${comparison.columns[0]?.label ?? ''}, the
      reference.
    </p>
    <div class="scroller">
      <table class="quality">
        <thead>
          <tr>
            ${headings}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${explanations(comparison)}
  </section>`;
}

function explanations(comparison: Comparison): Markup {
  const entries = metricKeys(comparison).flatMap((key) => {
    const { label, explanation, best } = describeMetric(key, comparison.metricDescriptions);
    const direction = best === undefined ? '' : html` <em>${words[best]}</em>`;
    return explanation
      ? [
          html`<div>
            <dt>${label}${direction}</dt>
            <dd>${explanation}</dd>
          </div>`,
        ]
      : [];
  });
  return html`<dl class="meanings">
    <div>
      <dt>Evaluations <em>lower is better</em></dt>
      <dd>How often the network runs for one image; guidance runs it twice a step.</dd>
    </div>
    ${entries}
  </dl>`;
}
