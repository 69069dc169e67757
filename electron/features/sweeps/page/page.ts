/** A sweep's or an experiment's report as one HTML page: no request, no script. */
import type { Report } from '../../../../engine/contract/experiments/report.ts';
import { seriesTone } from '../../../../engine/contract/figures/drawing.ts';
import { reportFigures, type Figure } from '../../../../engine/contract/figures/reportFigures.ts';
import { formatCount, formatDuration } from '../../../terminal/quantities.ts';
import { html, Markup } from '../../comparison/page/html.ts';
import { htmlPage } from '../../comparison/page/htmlPage.ts';
import type { Pictures } from '../reportPictures.ts';
import { formatInterval } from '../resultsTable.ts';
import { numbers } from './numbers.ts';
import { samples, views } from './samples.ts';
import { style } from './style.ts';
import { svgOf, variables } from './svg.ts';

export function renderReport(report: Report, pictures: Pictures): string {
  return htmlPage({
    title: report.name,
    style,
    masthead: masthead(report),
    main: html`${statements(report)} ${figures(report)} ${samples(report, pictures)}
    ${views(report, pictures)} ${numbers(report)} ${background(report)}`,
  });
}

function masthead({
  experiment,
  name,
  verdict,
  claim,
  source,
  teacher,
  seeds,
  samples: count,
  rows,
}: Report): Markup {
  const students = rows.filter(({ isBaseline }) => !isBaseline).length;
  const facts = `${teacher} teacher · ${formatCount(students, 'variant')} · ${formatCount(seeds.length, 'seed')} (${seeds.join(', ')}) · ${count} samples each`;
  return html`<header>
    <p class="eyebrow">Stillroom · ${experiment === null ? 'sweep' : 'experiment'}</p>
    <h1>${name}</h1>
    ${verdict === null ? '' : html`<p class="verdict ${classOf(verdict)}">${atThisScale(verdict)}</p>`}
    ${claim === null ? '' : html`<p class="claim">${claim} <span>${source ?? ''}</span></p>`}
    <p class="soft">${facts}</p>
  </header>`;
}

const classOf = (verdict: string) => verdict.replace(' ', '-');
const atThisScale = (verdict: string) =>
  `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)} at this scale`;

function statements({ judgements }: Report): Markup {
  if (judgements.length === 0) return html``;
  return html`<section aria-labelledby="claim-title">
    <h2 id="claim-title">What was claimed, and what was measured</h2>
    <p class="about">
      Means over the seeds with 95 % confidence intervals (Student’s t), and of the differences, seed by seed,
      since equal seeds have equal noise, conditions and reference. Held: the differences’ interval lies on
      the claimed side of zero. Not held: on the other. Undecided: zero is in it. The claim holds if all of
      its statements do.
    </p>
    <ol class="statements">
      ${judgements.map(
        ({ text, verdict, left, is, right, difference }) =>
          html`<li>
            <span class="verdict ${classOf(verdict)}">${verdict}</span> <span>${text}</span>
            <span class="numbers"
              >${formatInterval(left)} ${is === 'above' ? '>' : '<'} ${formatInterval(right)}<br />difference
              ${formatInterval(difference)}</span
            >
          </li>`,
      )}
    </ol>
  </section>`;
}

function figures(report: Report): Markup {
  const all = reportFigures(report);
  if (all.length === 0) return html``;
  const students = report.rows.filter(({ isBaseline }) => !isBaseline);
  const draw = ({ kind, drawing }: Figure) =>
    html`<figure class="${kind}">${new Markup(svgOf(drawing, variables))}</figure>`;
  return html`<section aria-labelledby="figures-title">
    <h2 id="figures-title">In pictures</h2>
    <p class="about">
      Small dots are seeds, large ones their means with intervals. Curves are means over the seeds, bands
      reach from the least to the greatest seed; the dotted line is the teacher’s own 50 steps, where it was
      measured.
    </p>
    <ul class="legend">
      ${students.map(({ name }, i) => html`<li><i style="--tone:var(--${seriesTone(i)})"></i>${name}</li>`)}
    </ul>
    <div class="figures wide">${all.filter(({ kind }) => kind !== 'curve').map(draw)}</div>
    <div class="figures">${all.filter(({ kind }) => kind === 'curve').map(draw)}</div>
  </section>`;
}

function background({ recipe, rows, made, createdAt, progress }: Report): Markup {
  const facts: [string, string][] = [
    ['Begun', createdAt.replace('T', ' ').slice(0, 16)],
    ...(made
      ? ([
          ['Command', made.command],
          ['Engine', made.engine],
          [
            'Time',
            formatDuration(made.seconds) +
              (made.estimated === null ? '' : `; ${formatDuration(made.estimated)} were estimated before`),
          ],
        ] satisfies [string, string][])
      : []),
    ...(progress.done < progress.total
      ? ([['Unfinished', `${progress.done} of ${progress.total} cells`]] satisfies [string, string][])
      : []),
  ];
  return html`<section aria-labelledby="made-title">
    <h2 id="made-title">How it was made</h2>
    <p class="about"></p>
    <dl class="made">
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <details>
      <summary>The recipe that all variants share</summary>
      <pre>${JSON.stringify(recipe, null, 2)}</pre>
    </details>
    <details>
      <summary>What each variant changes</summary>
      <pre>
${JSON.stringify(Object.fromEntries(rows.filter(({ isBaseline }) => !isBaseline).map(({ name, changes }) => [name, changes])), null, 2)}</pre>
    </details>
  </section>`;
}
