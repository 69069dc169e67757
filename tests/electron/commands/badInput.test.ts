/** Whatever a person can get wrong: one sentence that names it, exit code 2, nothing made. */
import { copyFile, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { modelFolder } from '../../../engine/training/modelFolder.ts';
import { eventsOf, useCommandLine } from '../../support/commandLine.ts';

const commandLine = useCommandLine();

/** A PNG whose header promises `side` × `side` pixels that never come. */
function promisedPicture(side: number): Buffer {
  const header = Buffer.alloc(17);
  header.write('IHDR', 'latin1');
  header.writeUInt32BE(side, 4);
  header.writeUInt32BE(side, 8);
  header.set([8, 2, 0, 0, 0], 12);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(header));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\r', 'latin1'), header, checksum]);
}

const failure = z.object({ event: z.literal('failed'), message: z.string(), field: z.string().optional() });

/** Runs it and returns the one failure that it reports. */
async function refusal(...words: string[]) {
  const outcome = await commandLine.run([...words, '--json']);
  expect(outcome.code).toBe(2);
  const failed = failure.parse(eventsOf(outcome).at(-1));
  expect(failed.message).toMatch(/^[^\n]{10,250}\.$/);
  return failed;
}

beforeAll(async () => {
  const at = (name: string) => path.join(commandLine.folder, name);
  for (const name of ['textOnly', 'bomb', 'truncated', 'taken']) await mkdir(at(name));
  await writeFile(path.join(at('textOnly'), 'notes.txt'), 'no picture');
  await writeFile(path.join(at('bomb'), 'huge.png'), promisedPicture(60_000));
  for (const name of ['model.json', 'weights.safetensors'])
    await copyFile(path.join(modelFolder('emoji'), name), path.join(at('truncated'), name));
  await truncate(path.join(at('truncated'), 'weights.safetensors'), 10_000);
  await writeFile(at('broken.json'), '{"seed": 1');
});

describe.concurrent('bad input', () => {
  it.each([
    ['an unknown field', ['train-teacher', '--network.wdth', '16'], 'network.wdth'],
    ['a field out of bounds', ['train-teacher', '--optimizer.learningRate', '7'], 'optimizer.learningRate'],
    ['a field of the wrong type', ['train-teacher', '--training.batch', 'many'], 'training.batch'],
    ['a field against another', ['train-teacher', '--network.patch', '5'], 'network.patch'],
    ['a weight out of bounds', ['distil', '--cfgAugmentation.weight', '-1'], 'cfgAugmentation.weight'],
    ['an unknown field of a distillation', ['distil', '--student.stepps', '4'], 'student.stepps'],
    ['a flag without its value', ['train-teacher', '--seed', '--size', '32'], 'seed'],
    ['a seed that is no whole number', ['sample', 'emoji', '--seed', '1.5'], 'seed'],
    ['guidance out of bounds', ['sample', 'emoji', '--guidance', '0'], 'guidance'],
    ['an unknown solver', ['sample', 'emoji', '--solver', 'magic'], 'solver'],
    ['an unknown number format', ['export', 'x', '--out', 'y', '--dtype', 'f8'], 'dtype'],
    ['an unknown field of a sweep', ['sweep', '--vary', 'guidence.scale=2,3'], 'guidence.scale'],
    ['a value that a swept field refuses', ['sweep', '--vary', 'student.steps=4,9'], 'student.steps'],
    ['a swept field without values', ['sweep', '--vary', 'student.steps='], 'vary'],
    [
      'an experiment without real pictures',
      ['experiment', 'regularizers', '--teacher=emoji', '--data=classes'],
      'data',
    ],
    ['a sweep without them', ['sweep', '--data=classes', '--vary=gan.weight=0,1', '--on=slurm'], 'data'],
    ['seeds that are no numbers', ['experiment', 'observer', '--seeds', '1,x'], 'seeds'],
    ['an unknown variant', ['engine', 'install', '--variant', 'abacus'], 'variant'],
  ])('names %s', async (_, words, field) => {
    const failed = await refusal(...words);
    expect(failed.field).toBe(field);
    expect(failed.message).toContain(field);
  });

  it.each([
    ['a recipe that is missing', ['train-teacher', '--recipe', 'absent.json'], 'absent.json'],
    ['a recipe that is not JSON', ['train-teacher', '--recipe', 'broken.json'], 'broken.json'],
    ['a recipe beside a run', ['train-teacher', '--recipe', 'broken.json', '--resume', 'x'], '--resume'],
    ['an output folder in use', ['train-teacher', '--data', 'toy', '--out', 'taken'], 'taken'],
    ['a missing model', ['sample', 'nowhere'], 'nowhere'],
    ['a truncated model', ['sample', 'truncated'], 'safetensors'],
    ['no model', ['sample'], 'model'],
    ['a comparison with nothing', ['compare', 'emoji'], 'at least one other'],
    ['an unknown engine command', ['engine', 'remove'], 'install and pack'],
    ['an export without a folder', ['export', 'x'], '--out'],
  ])('refuses %s', async (_, words, named) => {
    expect((await refusal(...words)).message).toContain(named);
  });

  it('refuses a command that there is not, and lists those that there are', async () => {
    const { code, output, errors } = await commandLine.run(['destil']);
    expect(code).toBe(2);
    expect(output).toBe('');
    expect(errors).toContain('“destil”');
    expect(errors).toContain('train-teacher');
  });
});

describe('data that cannot be trained on', () => {
  it.each(['textOnly', 'bomb', 'absent'])('refuses the folder %s and makes no run', async (name) => {
    const data = path.join(commandLine.folder, name);
    expect((await refusal('train-teacher', '--data', data)).message).toContain(name);
    expect(await readdir(path.join(commandLine.folder, 'data', 'runs')).catch(() => [])).toEqual([]);
  });
});

it('refuses to export a run that there is not', async () => {
  expect((await refusal('export', 'nothing', '--out', 'there')).message).toContain('“nothing”');
});
