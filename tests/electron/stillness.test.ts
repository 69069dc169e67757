import { expect, it } from 'vitest';
import { Stillness } from '../../electron/stillness.ts';

it('lets nothing change while the data folder is moved, and never again once it was', async () => {
  const stillness = new Stillness();
  const asked: string[] = [];
  const ask = (name: string) => stillness.around(name, () => asked.push(name));
  await expect(stillness.during(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await ask('projects.create');
  await stillness.during(async () => {
    await expect(ask('projects.create')).rejects.toMatchObject({ code: 'busy' });
    await ask('projects.list');
  });
  await expect(ask('settings.change')).rejects.toMatchObject({ code: 'busy' });
  await ask('app.state');
  expect(asked).toEqual(['projects.create', 'projects.list', 'app.state']);
});

it('does not begin while something else is under way', async () => {
  const stillness = new Stillness();
  let end: () => void = () => undefined;
  const under = stillness.around('gallery.render', () => new Promise<void>((resolve) => (end = resolve)));
  await expect(stillness.during(() => Promise.resolve())).rejects.toMatchObject({ code: 'busy' });
  end();
  await under;
  await stillness.during(() => Promise.resolve());
});
