/** How a run looks after itself: which checkpoint it ends with, when it ends early, whether it may mend itself. */
import { z } from 'zod';
import { field, section } from './field.ts';

export const supervisionSection = section({
  chooseBest: field(z.enum(['off', 'on']).default('off'), {
    label: 'Choose the best',
    help: 'on ends the run with the checkpoint that came nearest to what the student should be; off with the last.',
    step: 'training',
  }),
  patience: field(z.int().min(0).max(1000).default(0), {
    label: 'Patience',
    help: 'The run ends early after so many checkpoints in a row that are no better than the best; 0 never does. Stages and phases before the last do not count.',
    unit: 'checkpoints',
    step: 'training',
  }),
  retunes: field(z.int().min(0).max(10).default(0), {
    label: 'Retunes',
    help: 'How often a run that goes wrong may be rewound and forked with a remedy by itself; 0 leaves that to you.',
    step: 'training',
  }),
});
