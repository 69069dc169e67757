/** The model that a checkpoint holds: its averaged weights, and what model.json would say of them. */
import { createHash } from 'node:crypto';
import { StudioError } from '../../engine/contract/errors.ts';
import { modelInfoSchema, type ModelInfo } from '../../engine/contract/modelInfo.ts';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { studentSampling } from '../../engine/contract/studentSampling.ts';
import { CaptionTokeniser } from '../../engine/data/captions.ts';
import { readCheckpoint, type CheckpointState } from '../../engine/training/checkpoint.ts';
import { checkpointStudent } from '../../engine/training/checkpointStudent.ts';
import { studentInfo } from '../../engine/training/distillationJob.ts';
import { createDenoiser, readModel, type Model } from '../../engine/training/modelFile.ts';
import { arraysUnder } from '../../engine/training/trainingRun.ts';
import { teacherTraining } from './teacherTraining.ts';

/**
 * @param teacherFolder where the student's teacher lies now; by default where it lay when the checkpoint was saved.
 * @throws StudioError 'file-invalid' where the student's teacher is not the one that it was distilled from.
 */
export async function readCheckpointModel(folder: string, teacherFolder?: string): Promise<Model> {
  const { state, weights: arrays } = await readCheckpoint(folder);
  const info = await infoOf(state, teacherFolder);
  const weights =
    info.role === 'teacher'
      ? arraysUnder(arrays, 'ema')
      : checkpointStudent(parseRecipe(state['recipe']), state.step, arrays);
  const denoiser = createDenoiser(info);
  const hash = createHash('sha256');
  for (const name of Object.keys(denoiser.network.specs)) hash.update(weights[name] ?? new Float32Array());
  const tokeniser = info.tokeniser === null ? undefined : CaptionTokeniser.fromJSON(info.tokeniser);
  return { info, denoiser, weights, tokeniser, sha256: hash.digest('hex') };
}

async function infoOf(state: CheckpointState, teacherFolder?: string): Promise<ModelInfo> {
  const { kind, step, backend = null } = state;
  if (kind === teacherTraining) {
    const info = modelInfoSchema.parse(state['model']);
    return { ...info, made: { ...info.made, iterations: step } };
  }
  const recipe = parseRecipe(state['recipe']);
  const teacher = await readModel(teacherFolder ?? recipe.teacher);
  if (teacher.sha256 !== state['teacher'])
    throw new StudioError(
      'file-invalid',
      `The teacher “${recipe.teacher}” is not the one that this student was distilled from; nothing was written.`,
      'Put the former teacher back.',
    );
  const sampling = studentSampling(recipe, step);
  return studentInfo({ recipe, teacher, sampling }, { iterations: step, backend });
}
