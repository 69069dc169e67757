/** The report's pictures: each variant's samples of the first seed, and what teacher and fake score see of them. */
import type { Report } from '../../../../engine/contract/experiments/report.ts';
import { html, type Markup } from '../../comparison/page/html.ts';
import type { PagePicture, Pictures } from '../reportPictures.ts';

export function samples({ rows, seeds }: Report, pictures: Pictures): Markup {
  const shown = rows.flatMap(({ name, cells: [cell] }) => {
    const picture = pictures.get(cell?.picture ?? '');
    return picture ? [{ name, picture }] : [];
  });
  const [first] = shown;
  if (!first) return html``;
  return html`<section aria-labelledby="samples-title">
    <h2 id="samples-title">Samples</h2>
    <p class="about">
      Of seed ${seeds[0] ?? 1}, at the last iteration: the same prompts and the same noise for all.
    </p>
    <div class="samples ${kindOf(first.picture)}" style="--sample:${first.picture.width}px">
      ${shown.map(({ name, picture }) => sample(name, picture))}
    </div>
  </section>`;
}

const roles = {
  student: 'The student',
  teacher: 'The teacher’s prediction',
  fake: 'The fake score’s prediction',
};

export function views({ rows }: Report, pictures: Pictures): Markup {
  const shown = rows.flatMap(({ name, cells: [cell] }) =>
    (cell?.views ?? []).flatMap(({ tau, role, media }) => {
      const picture = pictures.get(media);
      return picture ? [{ name: `${roles[role]}, τ ${tau}`, picture, variant: name }] : [];
    }),
  );
  const [first] = shown;
  if (!first) return html``;
  return html`<section aria-labelledby="views-title">
    <h2 id="views-title">What teacher and fake score see</h2>
    <p class="about">
      The student’s samples are re-noised to τ, and both predict the clean sample from there
      (${first.variant}).
    </p>
    <div class="samples ${kindOf(first.picture)}" style="--sample:${first.picture.width}px">
      ${shown.map(({ name, picture }) => sample(name, picture))}
    </div>
  </section>`;
}

/** A row of pictures, or a toy's points. */
const kindOf = ({ width, height }: PagePicture) => (width === height ? 'points' : 'rows');

const sample = (name: string, { uri, width, height }: PagePicture): Markup =>
  html`<div class="sample">
    <h3>${name}</h3>
    <img src="${uri}" width="${width}" height="${height}" alt="Samples: ${name}" />
  </div>`;
