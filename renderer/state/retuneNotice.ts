/** Says in one sentence that a run was retuned: why, from where it goes on, and with what changed. */
import type { RunRetuned } from '../../engine/contract/messages/runs.ts';
import { language } from '../messages/language.svelte.ts';
import type { Studio } from './studio.svelte.ts';

export function hearRetunes({ connection, toasts }: Pick<Studio, 'connection' | 'toasts'>): void {
  connection.client.on('runs.retuned', (retuned) => toasts.show(retuneSentence(retuned)));
}

function retuneSentence({ run, fork, verdict, changes }: RunRetuned): string {
  const { train: words, fields } = language.words;
  const number = new Intl.NumberFormat(language.tag, { maximumSignificantDigits: 3 });
  const changed = Object.entries(changes).map(([path, value]) => {
    const label = fields.recipe[path]?.label;
    return `${label ?? path} ${typeof value === 'number' ? number.format(value) : value}`;
  });
  const list = new Intl.ListFormat(language.tag, { type: 'conjunction' }).format(changed);
  return words.retuned(words.verdicts[verdict].title, run.name, fork.name, fork.parentStep ?? 0, list);
}
