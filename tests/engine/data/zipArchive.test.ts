import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../engine/contract/errors.ts';
import { openZip } from '../../../engine/data/zipArchive.ts';
import { golden, goldenPath, temporaryFolder, writeFiles } from './support.ts';

async function refusal(file: string): Promise<string> {
  const error: unknown = await openZip(file).catch((cause: unknown) => cause);
  if (!(error instanceof StudioError)) throw new Error('opened, or another error', { cause: error });
  expect(error.code).toBe('input-invalid');
  expect(error.message).toMatch(/Nothing of it was read or written\.$/);
  return error.message;
}

describe('openZip', () => {
  it("reads an archive of Python's zipfile, without hidden files", async () => {
    const tree = await openZip(goldenPath('good.zip'));
    expect(tree.name).toBe('good');
    expect(tree.files).toEqual([
      'set/cats/grey cat.png',
      'set/dogs/rex_01.png',
      'set/dogs/rex_01.txt',
      'set/notes.md',
    ]);
    expect(await tree.read('set/cats/grey cat.png')).toEqual(golden('alpha.png'));
    await expect(tree.read('set/none.png')).rejects.toMatchObject({ code: 'not-found' });
    tree.close();
  });

  it.each([
    ['traversal.zip', /unsafe.*\.\.\/\.\.\/escaped/],
    ['absolute.zip', /unsafe.*absolute path/],
    ['drive.zip', /unsafe.*absolute path/],
    ['case.zip', /both called/],
    ['overlap.zip', /overlaps/],
    ['bomb.zip', /over 300 times/],
    ['link.zip', /is a link/],
  ])('refuses %s', async (name, reason) => {
    expect(await refusal(goldenPath(name))).toMatch(reason);
  });

  it('notices packed data that is damaged or longer than declared', async () => {
    const damaged = await openZip(goldenPath('damaged.zip'));
    await expect(damaged.read('set/cats/grey cat.png')).rejects.toMatchObject({ code: 'input-invalid' });
    damaged.close();
    const understated = await openZip(goldenPath('understated.zip'));
    await expect(understated.read('A.png')).rejects.toMatchObject({ code: 'input-invalid' });
    understated.close();
  });

  it('refuses what is not a zip, and an archive cut at any place', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'no.zip': 'hello', 'empty.zip': '' });
    await refusal(`${folder}/no.zip`);
    await refusal(`${folder}/empty.zip`);
    const whole = golden('good.zip');
    for (let length = 1; length < whole.length; length += 37) {
      await writeFiles(folder, { 'cut.zip': whole.subarray(0, length) });
      await refusal(`${folder}/cut.zip`);
    }
  });

  it('refuses five million declared entries before listing one', async () => {
    const folder = await temporaryFolder();
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    const end64 = Buffer.alloc(56 + 20);
    end64.write('PK\x06\x06', 'latin1');
    end64.writeBigUInt64LE(44n, 4);
    end64.writeBigUInt64LE(5_000_000n, 24);
    end64.writeBigUInt64LE(5_000_000n, 32);
    end64.write('PK\x06\x07', 56, 'latin1');
    end64.writeUInt32LE(1, 72);
    end.writeUInt16LE(0xffff, 8);
    end.writeUInt16LE(0xffff, 10);
    await writeFiles(folder, { 'many.zip': Buffer.concat([end64, end]) });
    await expect(openZip(`${folder}/many.zip`)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(/more than 200,000 files/) as unknown,
    });
  });

  it('writes nothing anywhere', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'in/traversal.zip': golden('traversal.zip') });
    await refusal(`${folder}/in/traversal.zip`);
    expect(readdirSync(folder)).toEqual(['in']);
    expect(readdirSync(`${folder}/in`)).toEqual(['traversal.zip']);
  });
});
