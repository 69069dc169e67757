/** The comparison as one HTML page: no request, no framework, readable without its script. */
import type { Comparison } from '../comparison.ts';
import { background } from './background.ts';
import { dataUris } from './dataUri.ts';
import { gallery } from './gallery.ts';
import { html } from './html.ts';
import { htmlPage } from './htmlPage.ts';
import { masthead } from './masthead.ts';
import { qualityTable } from './qualityTable.ts';
import { script } from './script.ts';
import { speedPanel } from './speedPanel.ts';
import { stripSection } from './stripSection.ts';
import { style } from './style.ts';

export async function renderPage(comparison: Comparison): Promise<string> {
  const columns = await Promise.all(comparison.columns.map(({ images }) => dataUris(images)));
  const strips = await Promise.all(
    comparison.strips.map(({ frames }) => Promise.all(frames.map(({ images }) => dataUris(images)))),
  );
  return htmlPage({
    title: comparison.title,
    style,
    masthead: masthead(comparison),
    main: html`${gallery(comparison, columns)} ${speedPanel(comparison, columns)} ${qualityTable(comparison)}
    ${stripSection(comparison, strips)} ${background(comparison)}`,
    script,
  });
}
