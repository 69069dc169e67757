/** Prints a hash of a small distillation's state after a few iterations on the native engine. */
import { createHash } from 'node:crypto';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { activateBackend } from '../../engine/tensor/backends/backend.ts';
import { createToyTrainer, iterate, stateValues } from './toyDistillation.ts';

await activateBackend('tensorflow');
const trainer = createToyTrainer(parseRecipe({ student: { steps: 2 }, training: { batch: 256 } }));
await iterate(trainer, 0, 40);
const hash = createHash('sha256');
for (const [name, values] of Object.entries(await stateValues(trainer))) hash.update(name).update(values);
process.stdout.write(hash.digest('hex'));
trainer.dispose();
