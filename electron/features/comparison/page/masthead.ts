/** The page's title and its findings in three numbers. */
import { formatNumber } from '../../../terminal/quantities.ts';
import { speedup, type Comparison } from '../comparison.ts';
import { formatSpeedup, metricKeys } from '../comparisonTable.ts';
import { describeMetric } from '../metricDescriptions.ts';
import { html, type Markup } from './html.ts';

export function masthead(comparison: Comparison): Markup {
  const { title, createdAt, seedInfo } = comparison;
  const date = new Date(createdAt);
  const day = Number.isNaN(date.getTime())
    ? createdAt
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return html`<header class="masthead">
    <div>
      <p class="eyebrow">Comparison</p>
      <h1>${title}</h1>
      <p class="lede"><time datetime="${createdAt}">${day}</time> · ${seedInfo}</p>
    </div>
    <ul class="findings">
      ${findings(comparison)}
    </ul>
  </header>`;
}

/** Of the student with the fewest evaluations; none where there is no student. */
function findings(comparison: Comparison): Markup[] {
  const reference = comparison.columns[0];
  const student = comparison.columns
    .filter(({ kind }) => kind === 'student')
    .toSorted((a, b) => a.evaluations - b.evaluations || a.secondsPerImage - b.secondsPerImage)[0];
  if (!reference || !student) return [];
  const key = metricKeys(comparison).find((name) => describeMetric(name, comparison.metricDescriptions).best);
  const quality = key === undefined ? undefined : student.metrics[key];
  const equal = key === undefined ? undefined : reference.metrics[key];
  const { label } = describeMetric(key ?? '', comparison.metricDescriptions);
  const noun = student.evaluations === 1 ? 'evaluation' : 'evaluations';
  return [
    html`<li>
      <strong>${formatSpeedup(speedup(comparison, student))}×</strong> as fast as ${reference.label}, with
      ${student.label}
    </li>`,
    html`<li>
      <strong>${student.evaluations}</strong> ${noun} of the network for an image, instead of
      ${reference.evaluations}
    </li>`,
    ...(quality === undefined || equal === undefined
      ? []
      : [
          html`<li>
            <strong>${formatNumber(quality)}</strong> ${label}, the reference ${formatNumber(equal)}
          </li>`,
        ]),
  ];
}
