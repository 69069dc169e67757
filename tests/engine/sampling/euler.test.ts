import { describe } from 'vitest';

import { eulerStep } from '../../../engine/sampling/euler.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectSolver } from '../../support/expectSolver.ts';

describe("Euler's method", () => {
  onEachBackend((run) => expectSolver(run, 'euler', eulerStep));
});
