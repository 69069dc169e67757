/** The settings of the methods beside d-DMD; part of the recipe. */
import { z } from 'zod';
import { field, section } from './field.ts';

export const distillationMethods = ['decoupled-dmd', 'phased', 'consistency', 'progressive'] as const;
export type DistillationMethod = (typeof distillationMethods)[number];

export const consistencyDistances = ['pseudo-huber', 'squared'] as const;
export type ConsistencyDistance = (typeof consistencyDistances)[number];

export const methodField = field(z.enum(distillationMethods).default('decoupled-dmd'), {
  label: 'Method',
  help: 'decoupled-dmd matches distributions; phased (Phased DMD) does so in phases from noise to data; consistency (as LCM) and progressive distillation follow the teacher along its own way, as baselines to compare with.',
  step: 'student',
});

/** How many networks Phased DMD makes. */
const phasedExperts = ['each', 'one'] as const;

export const baselineSections = {
  phased: section({
    phases: field(z.int().min(2).max(8).default(2), {
      label: 'Phases',
      help: 'Into how many parts Phased DMD cuts the way from noise to data; each gets its share of the steps and of the iterations.',
      step: 'schedule',
      expert: true,
    }),
    experts: field(z.enum(phasedExperts).default('each'), {
      label: 'Experts',
      help: 'each trains a network of its own for every phase, so the model grows; one takes the same student through all phases.',
      step: 'schedule',
      expert: true,
    }),
  }),
  consistency: section({
    levels: field(z.int().min(2).max(1000).default(20), {
      label: 'Noise levels',
      help: 'Into how many intervals consistency cuts the way from noise to data; more is truer to the teacher and slower to learn.',
      step: 'schedule',
      expert: true,
    }),
    skip: field(z.int().min(1).max(500).default(1), {
      label: 'Skip',
      help: "Over how many intervals the teacher steps at once; more brings the clean end's answer to the noise sooner.",
      step: 'schedule',
      expert: true,
    }),
    solver: field(z.enum(['euler', 'heun']).default('heun'), {
      label: "Teacher's solver",
      help: "How the teacher takes that step; heun is more accurate and costs twice the teacher's passes.",
      step: 'schedule',
      expert: true,
    }),
    distance: field(z.enum(consistencyDistances).default('pseudo-huber'), {
      label: 'Distance',
      help: 'How far apart two predictions count as; pseudo-huber forgives single large differences, squared does not.',
      step: 'schedule',
      expert: true,
    }),
  }),
  progressive: section({
    stages: field(z.int().min(1).max(8).default(3), {
      label: 'Stages',
      help: "How often progressive distillation halves the steps: the teacher's are the student's, doubled as often.",
      step: 'schedule',
      expert: true,
    }),
  }),
};
