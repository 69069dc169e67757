/** Who may teach in an experiment, and from what: a student is shown and not offered, classes alone do, a GAN asks for pictures. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { addedTeacherFolder } from '../../electron/store/addedTeachers.ts';
import type { ModelInfo } from '../../engine/contract/modelInfo.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';
import { writeTinyTeacher } from '../support/tinyTeacher.ts';

browserTest(
  'a teacher from elsewhere is measured by its classes, and what needs pictures asks for them',
  async () => {
    const kept = await mkdtemp(path.join(tmpdir(), 'experiment-teachers-'));
    try {
      const models: Readonly<Record<string, Partial<ModelInfo>>> = {
        '01900000-0000-7000-8000-000000000001': {},
        '01900000-0000-7000-8000-000000000002': { name: 'Quick', role: 'student', times: [0, 0.5] },
      };
      for (const [id, changes] of Object.entries(models)) {
        const folder = addedTeacherFolder(kept, id);
        await writeTinyTeacher(folder, changes);
        const added = { addedAt: new Date().toISOString(), sha256: id };
        await writeFile(path.join(folder, 'added.json'), JSON.stringify(added));
      }
      await using lab = await openLab(kept);
      const page = await lab.open();
      await page.getByText('Emoji demo').first().click();
      await page.getByRole('link', { name: 'Experiments' }).click();
      await page.getByRole('textbox', { name: 'Seeds' }).fill('5');

      await page.getByLabel('Teacher', { exact: true }).click();
      const student = page.getByRole('option', { name: 'Quick (a student: cannot teach)' });
      expect(await student.getAttribute('aria-disabled')).toBe('true');
      await page.getByRole('option', { name: 'Tiny', exact: true }).click();
      const data = page.getByLabel('Data', { exact: true });
      await expect.poll(() => data.innerText()).toBe('No pictures: classes of the teacher');

      await page.getByText('Real pictures are needed for “GAN”, and the data “classes” has none.').waitFor();
      expect(await page.getByRole('button', { name: 'Run “Other shields”' }).isDisabled()).toBe(true);
      await data.click();
      await page.getByRole('option', { name: 'Emoji (bundled)' }).click();
      await page.getByText('Real pictures are needed').waitFor({ state: 'detached' });
      await data.click();
      await page.getByRole('option', { name: 'No pictures: classes of the teacher' }).click();

      await page.getByRole('button', { name: 'Run “The teacher at few steps”' }).click();
      await page.getByText(/at this scale/).waitFor({ timeout: 120_000 });
      const [head = ''] = await page
        .getByRole('region', { name: 'All numbers' })
        .getByRole('row')
        .allInnerTexts();
      expect(head).toContain('To the teacher');
      expect(head).not.toContain('To the data');
      expect(lab.complaints).toEqual([]);
    } finally {
      await rm(kept, { recursive: true, force: true });
    }
  },
);
