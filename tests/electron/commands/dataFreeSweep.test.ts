/** A sweep on a teacher of pictures from its classes alone, from the command line to its report. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { reportSchema } from '../../../engine/contract/experiments/report.ts';
import { useCommandLine } from '../../support/commandLine.ts';
import { nativeTest } from '../../support/nativeEngine.ts';
import { writeTinyTeacher } from '../../support/tinyTeacher.ts';

const commandLine = useCommandLine();
const at = (...names: string[]) => path.join(commandLine.folder, ...names);

nativeTest(
  'a sweep needs no picture where no variant does, and its report leaves out what would',
  async () => {
    await writeTinyTeacher(at('tiny'));
    const words = [
      'sweep',
      '--teacher=tiny',
      '--data=classes',
      '--training.iterations=2',
      '--training.batch=4',
    ];
    const { code } = await commandLine.run([
      ...words,
      ...['--vary=student.steps=1,2', '--seeds=1', '--out=report'],
    ]);
    expect(code).toBe(0);
    const report = reportSchema.parse(JSON.parse(await readFile(at('report', 'report.json'), 'utf8')));
    expect(report.rows.map(({ name }) => name)).toEqual(['Steps 1', 'Steps 2']);
    for (const { cells } of report.rows) {
      expect(cells[0]?.final['toTeacher']).toBeGreaterThan(0);
      expect(cells[0]?.final).not.toHaveProperty('toData');
    }
    const refused = await commandLine.run([...words, '--vary=gan.weight=0,1', '--out=other']);
    expect(refused.code).toBe(2);
    expect(refused.output).toContain(
      'Real pictures are needed for “GAN weight 1”, and the data “classes” has none.',
    );
  },
);
