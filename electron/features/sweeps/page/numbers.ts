/** The report's numbers: means over the seeds, every run by itself, and what each measure means. */
import { describeMeasure } from '../../../../engine/contract/experiments/measures.ts';
import type { Report } from '../../../../engine/contract/experiments/report.ts';
import { formatCell } from '../../../terminal/table.ts';
import { html, type Markup } from '../../comparison/page/html.ts';
import { formatInterval, runsTable } from '../resultsTable.ts';

export function numbers(report: Report): Markup {
  const { rows, measures } = report;
  const failed = rows.flatMap(({ name, cells }) =>
    cells.flatMap(({ seed, problem, status }) => (status === 'failed' ? [{ name, seed, problem }] : [])),
  );
  return html`<section aria-labelledby="numbers-title">
    <h2 id="numbers-title">All numbers</h2>
    <p class="about">
      At the last iteration of a fixed budget, never the best of many; ± is half of the 95 % interval.
    </p>
    <div class="scroller">
      <table>
        <thead>
          <tr>
            <th scope="col">Variant</th>
            ${measures.map((measure) => html`<th scope="col">${describeMeasure(measure).label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ name, isBaseline, summary }) =>
              html`<tr class="${isBaseline ? 'baseline' : 'student'}">
                <th scope="row">${name}</th>
                ${measures.map((measure) => html`<td>${formatInterval(summary[measure])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${failed.map(({ name, seed, problem }) => html`<p class="about">${name}, seed ${seed}: ${problem ?? ''}</p>`)}
    ${everyRun(report)}
    <dl class="meanings">
      ${measures.map((measure) => {
        const { label, explanation } = describeMeasure(measure);
        return html`<div>
          <dt>${label}</dt>
          <dd>${explanation}</dd>
        </div>`;
      })}
    </dl>
  </section>`;
}

function everyRun(report: Report): Markup {
  const { columns, rows } = runsTable(report);
  if (rows.length === 0) return html``;
  return html`<details>
    <summary>Every run: its last numbers, and the best that were measured of it</summary>
    <div class="scroller">
      <table>
        <thead>
          <tr>
            ${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name, ...values]) =>
              html`<tr>
                <th scope="row">${name ?? ''}</th>
                ${values.map((value) => html`<td>${formatCell({ label: '' }, value)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
