/** A column in one line: what tells it from every other. */
import type { Words } from '../../messages/en.ts';
import type { GridColumn } from '../../state/galleryGrid.ts';

export function columnLabel(
  words: Words['gallery'],
  { name, column, iteration }: Pick<GridColumn, 'name' | 'column' | 'iteration'>,
): string {
  const details = [
    words.column.steps(column.steps),
    ...(column.guidance === null ? [] : [words.column.guidance(column.guidance)]),
    ...(iteration === null ? [] : [words.plan.iteration(iteration)]),
  ];
  return `${name} · ${details.join(' · ')}`;
}
