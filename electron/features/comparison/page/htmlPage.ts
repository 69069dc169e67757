/** The frame of the pages we write: one file each, no request, and no script but the one whose hash the policy names. */
import { createHash } from 'node:crypto';
import { html, Markup } from './html.ts';

/** A drop. */
const icon =
  'data:image/svg+xml,%3Csvg xmlns=%22http:%2F%2Fwww.w3.org%2F2000%2Fsvg%22 viewBox=%220 0 16 16%22%3E' +
  '%3Cpath d=%22M8 1c3 4 5 6.500 5 9a5 5 0 0 1-10 0c0-2.500 2-5 5-9z%22 fill=%22%23b4531f%22%2F%3E%3C%2Fsvg%3E';

export interface PageParts {
  readonly title: string;
  readonly style: string;
  readonly masthead: Markup;
  readonly main: Markup;
  readonly script?: string;
}

/** `style` and `script` are trusted. */
export function htmlPage({ title, style, masthead, main, script }: PageParts): string {
  const policy = [
    "default-src 'none'",
    'img-src data:',
    "style-src 'unsafe-inline'",
    ...(script === undefined
      ? []
      : [`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`]),
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
        <title>${title}</title>
        <link rel="icon" href="${icon}" />
        ${new Markup(`<style>${style}</style>`)}
      </head>
      <body>
        ${masthead}
        <main>${main}</main>
        <footer>Made with Stillroom. This page is one file and asks the network for nothing.</footer>
        ${new Markup(script === undefined ? '' : `<script>${script}</script>`)}
      </body>
    </html> `.source;
}
