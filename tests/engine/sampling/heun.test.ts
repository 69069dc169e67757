import { describe } from 'vitest';

import { heunStep } from '../../../engine/sampling/heun.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectSolver } from '../../support/expectSolver.ts';

describe("Heun's method", () => {
  onEachBackend((run) => expectSolver(run, 'heun', heunStep));
});
