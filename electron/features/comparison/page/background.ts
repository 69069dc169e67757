/** What stands behind the numbers: notes, how the students were made, where this was measured. */
import type { Comparison } from '../comparison.ts';
import { html, type Markup } from './html.ts';

export function background({ notes, recipes, environment }: Comparison): Markup {
  const names = Object.keys(recipes);
  const facts = Object.entries(environment);
  return html`<section class="background" aria-labelledby="notes-title">
    <h2 id="notes-title">Read this before quoting a number</h2>
    ${
      notes.length > 0
        ? html`<ul class="notes">
            ${notes.map((note) => html`<li>${note}</li>`)}
          </ul>`
        : html`<p class="about">No notes were given.</p>`
    }
    ${
      facts.length > 0
        ? html`<details>
            <summary>Where it was measured</summary>
            <dl class="environment">
              ${facts.map(
                ([name, value]) =>
                  html`<div>
                    <dt>${name}</dt>
                    <dd>${value}</dd>
                  </div>`,
              )}
            </dl>
          </details>`
        : ''
    }
    ${names.map(
      (name) =>
        html`<details>
          <summary>Recipe: ${name}</summary>
          <pre>${JSON.stringify(recipes[name] ?? null, null, 2)}</pre>
        </details>`,
    )}
  </section>`;
}
