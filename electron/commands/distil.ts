/** `stillroom distil`: a student from a recipe. */
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { presetRecipe, presets } from '../../engine/contract/presets.ts';
import { parseRecipe, recipeSchema } from '../../engine/contract/recipe.ts';
import { studentInfo } from '../../engine/training/distillationJob.ts';
import { writeModel } from '../../engine/training/modelFile.ts';
import { findRun } from '../features/findRun.ts';
import { openStudio, projectNamed } from '../features/openStudio.ts';
import { distilRetuned } from '../features/retune.ts';
import { dataFolder, runFolder } from '../store/dataFolder.ts';
import { createRun } from '../store/runs.ts';
import { parseWords, PAUSED, readSettings, requireFree, withFields, type Command } from './command.ts';
import { previewCaptions } from './demoPrompts.ts';
import { startEngine } from './engineStart.ts';

export const distilCommand: Command = {
  summary: 'Distil a student of 1 to 8 steps from a teacher.',
  usage: `stillroom distil [--preset NAME | --recipe FILE] [--FIELD VALUE …] [--resume RUN] [--out FOLDER]

  --preset NAME    what to begin from: ${Object.keys(presets).join(', ')}
  --recipe FILE    a JSON recipe; every field has a default
  --FIELD VALUE    any field of the recipe, e.g. --student.steps 4 --guidance.scale 3
  --resume RUN     go on with a run, named by id, the start of it, or name; with its own recipe
  --out FOLDER     where the student goes (default: the run's own folder)`,
  async run({ words, reporter, signal }) {
    const { flags, fields } = parseWords(
      words,
      { preset: 'string', recipe: 'string', resume: 'string', out: 'string' },
      recipeSchema,
    );
    const { preset, recipe: file, resume } = flags;
    const changes = preset ?? file ?? Object.keys(fields)[0];
    if (resume !== undefined && changes !== undefined) {
      throw new StudioError(
        'input-invalid',
        'A distillation goes on with its own recipe, so --resume takes no fields, --preset or --recipe.',
        'Start a new distillation with the changed recipe; the run was left as it is.',
      );
    }
    if (preset !== undefined && file !== undefined)
      throw new StudioError(
        'input-invalid',
        'A student begins from --preset or --recipe, not both.',
        'Leave one out.',
      );
    requireFree(flags.out);
    const given =
      resume === undefined
        ? parseRecipe(
            preset === undefined
              ? await readSettings(recipeSchema, file, fields)
              : withFields(recipeSchema, presetRecipe(preset), fields),
          )
        : undefined;
    const store = await openStudio(dataFolder(), reporter);
    try {
      const begun = given
        ? await createRun(store, {
            projectId: (await projectNamed(store, 'Distillations')).id,
            name: given.name,
            recipe: given,
          })
        : await findRun(store, resume ?? '');
      const backend = await startEngine(reporter, signal);
      reporter.phase(`Distil ${begun.name}`, `run ${begun.id}`);
      const options = { backend, previews: previewCaptions, seed: 1, reporter, signal };
      const { run, job, completed, iteration, made } = await distilRetuned(store, begun, options);
      if (!completed) {
        job.dispose();
        reporter.done(
          `Paused at iteration ${iteration}; nothing is lost. Go on with: stillroom distil --resume ${run.id}`,
          {
            run: run.id,
          },
        );
        return PAUSED;
      }
      const folder = path.resolve(flags.out ?? path.join(runFolder(store.data, run.id), 'student'));
      await writeModel(folder, studentInfo(job, { ...made, backend: backend.name }), job.studentWeights());
      job.dispose();
      reporter.done(`The student is in ${folder}`, { run: run.id, student: folder });
      return 0;
    } finally {
      await store.close();
    }
  },
};
