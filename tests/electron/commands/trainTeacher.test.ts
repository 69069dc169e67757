/** A teacher's way through the command line: trained, paused, carried on, exported, sampled, distilled. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readProvenance } from '../../../engine/data/png.ts';
import { readModel } from '../../../engine/training/modelFile.ts';
import { eventsOf, tinyToy, useCommandLine, type Outcome } from '../../support/commandLine.ts';

const commandLine = useCommandLine();
const at = (name: string) => path.join(commandLine.folder, name);
const last = (outcome: Outcome) => eventsOf(outcome).at(-1);

it('pauses at Ctrl-C and goes on to the same teacher as without', async () => {
  const train = [...tinyToy, '--training.iterations=800', '--json'];
  const whole = await commandLine.run([...train, '--name=Whole', '--out=whole']);
  expect(whole).toMatchObject({ code: 0 });
  const paused = await commandLine.run([...train, '--name=Paused'], { interruptAt: /"metrics"/ });
  expect(paused.code).toBe(130);
  expect(last(paused)).toMatchObject({
    event: 'done',
    summary: expect.stringContaining('--resume') as string,
  });

  const resumed = await commandLine.run(['train-teacher', '--resume=Paused', '--out=resumed', '--json']);
  expect(resumed.code).toBe(0);
  expect(resumed.output).toContain('Resumed at iteration');
  const [a, b] = [await readModel(at('whole')), await readModel(at('resumed'))];
  // Half precision on disk; the last bit of a float32 sum may differ between two processes (docs/reliability.md).
  for (const [name, values] of Object.entries(a.weights))
    values.forEach((value, i) => expect(b.weights[name]?.[i]).toBeCloseTo(value, 3));
  expect(b.info.made).toMatchObject({
    iterations: 800,
    changes: [],
    backend: { name: expect.any(String) as string },
  });
  const [resumedCurve, wholeCurve] = [await readCurve('resumed'), await readCurve('whole')];
  expect(resumedCurve.names).toBe('iteration,gradient_norm,learning_rate,loss');
  expect(resumedCurve.rows).toHaveLength(800);
  resumedCurve.rows.forEach((row, i) =>
    row.forEach((value, k) => expect(value).toBeCloseTo(wholeCurve.rows[i]?.[k] ?? NaN, 3)),
  );
});

it('carries a finished run on with changed fields, and says so', async () => {
  await commandLine.run([...tinyToy, '--training.iterations=4', '--name=Longer']);
  const words = ['train-teacher', '--resume=Longer', '--training.iterations=6'];
  const refused = await commandLine.run(words);
  expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('exists already') as string });
  const { code, output } = await commandLine.run([...words, '--out=longer']);
  expect(code).toBe(0);
  expect(output).toContain('training.iterations is now 6');
  expect((await readModel(at('longer'))).info.made).toMatchObject({
    iterations: 6,
    recipe: { training: { iterations: 6 } },
    changes: [{ iteration: 4, fields: { 'training.iterations': '6' } }],
  });
});

it('exports, samples and distils what was trained', async () => {
  await commandLine.run([...tinyToy, '--training.iterations=5', '--name=Source', '--out=source']);
  for (const type of ['f32', 'f16', 'bf16'])
    expect((await commandLine.run(['export', 'Source', `--out=${type}`, `--dtype=${type}`])).code).toBe(0);
  // The teacher that training itself wrote holds the same averages, in half precision.
  expect((await readModel(at('f16'))).sha256).toBe((await readModel(at('source'))).sha256);
  const [exact, rounded] = [await readModel(at('f32')), await readModel(at('bf16'))];
  for (const [name, values] of Object.entries(exact.weights))
    values.forEach((value, i) =>
      expect(Math.abs((rounded.weights[name]?.[i] ?? NaN) - value)).toBeLessThanOrEqual(
        Math.abs(value) / 256,
      ),
    );

  const sampled = await commandLine.run([
    'sample',
    'f32',
    '--seed=7',
    '--steps=2',
    '--count=3',
    '--out=a.png',
    '--json',
  ]);
  expect(last(sampled)).toMatchObject({ facts: { count: 24, evaluations: 4 } });
  const picture = await readFile(at('a.png'));
  expect(readProvenance(picture)).toMatchObject({ seed: 7, student: 'Source', recipe: { data: 'toy' } });
  const { channels } = await sharp(picture).stats();
  expect(channels.every(({ min }) => min < 200)).toBe(true);

  const distilled = await commandLine.run([
    'distil',
    '--teacher=f32',
    '--data=toy',
    '--training.iterations=3',
    '--training.batch=8',
    '--student.steps=2',
    '--name=Student',
    '--out=student',
  ]);
  expect(distilled.code).toBe(0);
  expect((await commandLine.run(['export', 'Student', '--out=again'])).code).toBe(0);
  const [student, again] = [await readModel(at('student')), await readModel(at('again'))];
  expect(again.sha256).toBe(student.sha256);
  expect(again.info).toMatchObject({ role: 'student', times: student.info.times });
  const few = await commandLine.run(['sample', 'again', '--count=1', '--out=b.png', '--json']);
  expect(last(few)).toMatchObject({ facts: { count: 8, evaluations: 2 } });
  const refused = await commandLine.run(['sample', 'again', '--steps=4']);
  expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('--steps') as string });
});

async function readCurve(folder: string): Promise<{ names: string | undefined; rows: number[][] }> {
  const [names, ...lines] = (await readFile(at(`${folder}/curve.csv`), 'utf8')).trim().split('\n');
  return { names, rows: lines.map((line) => line.split(',').map(Number)) };
}
