/** Every command of the command line, by name. */
import type { Command } from './command.ts';
import { compareCommand } from './compare.ts';
import { demoCommand } from './demo.ts';
import { distilCommand } from './distil.ts';
import { doctorCommand } from './doctor.ts';
import { engineCommand } from './engine.ts';
import { experimentCommand } from './experiment.ts';
import { exportCommand } from './export.ts';
import { sampleCommand } from './sample.ts';
import { sweepCommand } from './sweep.ts';
import { trainTeacherCommand } from './trainTeacher.ts';

export const commands: Readonly<Record<string, Command>> = {
  demo: demoCommand,
  'train-teacher': trainTeacherCommand,
  distil: distilCommand,
  sample: sampleCommand,
  compare: compareCommand,
  sweep: sweepCommand,
  experiment: experimentCommand,
  export: exportCommand,
  doctor: doctorCommand,
  engine: engineCommand,
};
