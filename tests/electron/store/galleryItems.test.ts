import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { listItems, recordItems } from '../../../electron/store/galleryItems.ts';
import { createProject } from '../../../electron/store/projects.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();

test('pictures of one moment are listed as they were made', async () => {
  const store = await data.open();
  const { id: projectId } = await createProject(store, 'Emoji');
  const prompts = Array.from({ length: 20 }, (_, index) => `prompt ${index}`);
  const column = { model: 'emoji', steps: 4, guidance: 2.5 };
  await recordItems(
    store,
    projectId,
    prompts.map((prompt) => ({
      ...{ id: randomUUID(), column, prompt, seed: 1 },
      ...{ name: 'Emoji', iteration: null, evaluations: 4 },
    })),
  );
  expect((await listItems(store, projectId)).map(({ prompt }) => prompt)).toEqual(prompts);
});
