/** No view in any theme breaks a rule of accessibility seriously, judged by axe-core in a real browser. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'vitest';
import { themes } from '../../engine/contract/messages/settings.ts';
import { viewIds } from '../../renderer/views/viewIds.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

browserTest('every view in every theme', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const found: string[] = [];
  for (const theme of themes.filter((name) => name !== 'system')) {
    await page.keyboard.press('Control+,');
    await page.locator(`input[type="radio"][value="${theme}"]`).first().check({ force: true });
    for (const view of [...viewIds, 'projects/new']) {
      await page.evaluate(`window.location.hash = '/${view}'`);
      await page.locator(`a[aria-current="page"][href="#/${view.split('/')[0]}"]`).waitFor();
      const { violations } = await page.evaluate<AxeResults>('axe.run()');
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical')
          found.push(`${theme} ${view}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  expect(found).toEqual([]);
  expect(lab.complaints).toEqual([]);
});
