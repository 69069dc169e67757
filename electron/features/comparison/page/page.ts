/** The comparison as one HTML page: no request, no framework, readable without its script. */
import { createHash } from 'node:crypto';
import type { Comparison } from '../comparison.ts';
import { background } from './background.ts';
import { dataUris } from './dataUri.ts';
import { gallery } from './gallery.ts';
import { html, Markup } from './html.ts';
import { masthead } from './masthead.ts';
import { qualityTable } from './qualityTable.ts';
import { script } from './script.ts';
import { speedPanel } from './speedPanel.ts';
import { stripSection } from './stripSection.ts';
import { style } from './style.ts';

/** A drop. */
export const pageIcon =
  'data:image/svg+xml,%3Csvg xmlns=%22http:%2F%2Fwww.w3.org%2F2000%2Fsvg%22 viewBox=%220 0 16 16%22%3E' +
  '%3Cpath d=%22M8 1c3 4 5 6.500 5 9a5 5 0 0 1-10 0c0-2.500 2-5 5-9z%22 fill=%22%23b4531f%22%2F%3E%3C%2Fsvg%3E';

export async function renderPage(comparison: Comparison): Promise<string> {
  const columns = await Promise.all(comparison.columns.map(({ images }) => dataUris(images)));
  const strips = await Promise.all(
    comparison.strips.map(({ frames }) => Promise.all(frames.map(({ images }) => dataUris(images)))),
  );
  const scriptHash = createHash('sha256').update(script).digest('base64');
  const policy = [
    "default-src 'none'",
    'img-src data:',
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${scriptHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${comparison.title}</title>
        <link rel="icon" href="${pageIcon}" />
        ${new Markup(`<style>${style}</style>`)}
      </head>
      <body>
        ${masthead(comparison)}
        <main>
          ${gallery(comparison, columns)} ${speedPanel(comparison, columns)} ${qualityTable(comparison)}
          ${stripSection(comparison, strips)} ${background(comparison)}
        </main>
        <footer>Made with Stillroom. This page is one file and asks the network for nothing.</footer>
        ${new Markup(`<script>${script}</script>`)}
      </body>
    </html> `.source;
}
