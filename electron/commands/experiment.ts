/** `stillroom experiment`: one of the paper's experiments on a teacher, ending in a report with a verdict. */
import { StudioError } from '../../engine/contract/errors.ts';
import { sweepOf } from '../../engine/contract/experiments/experiment.ts';
import { experimentNamed, experiments } from '../../engine/contract/experiments/experiments.ts';
import { requireTeacher } from '../../engine/contract/modelInfo.ts';
import { readModel } from '../../engine/training/modelFile.ts';
import { learntData, requirePictures, scaleOf } from '../features/sweeps/teacherScale.ts';
import { clusterKinds, clusterOf, clusterUsage } from './clusterFlags.ts';
import { parseWords, requireFree, type Command } from './command.ts';
import { seedsOf } from './seeds.ts';
import { workOff } from './sweepWork.ts';

export const experimentCommand: Command = {
  summary: 'Repeat one of the paper’s experiments: a report with a verdict.',
  usage: `stillroom experiment list
stillroom experiment NAME [--teacher MODEL] [--data DATA] [--seeds 1,2,3] [--on slurm] [--estimate] [--fresh] [--out FOLDER]

  NAME             ${experiments.map(({ id }) => id).join(', ')}
  --teacher MODEL  toy, emoji or a teacher's folder (default toy)
  --data DATA      where captions and pictures come from (default: what the teacher learnt); classes or a
                   .txt of prompts where no variant needs real pictures
  --seeds LIST     of the students and their samples (default 1,2,3)
  --estimate       say how long it takes, and stop there
  --fresh          begin anew what was done before; by default it goes on where it stopped
  --out FOLDER     of the report (default: the experiment's name)
${clusterUsage}`,
  async run(context) {
    const words = parseWords(context.words, {
      ...clusterKinds,
      teacher: 'string',
      data: 'string',
      seeds: 'string',
      out: 'string',
      estimate: 'boolean',
      fresh: 'boolean',
    });
    const { flags, switches, positionals } = words;
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0)
      throw new StudioError(
        'input-invalid',
        'Name one experiment.',
        '“stillroom experiment list” shows them.',
      );
    if (name === 'list') {
      context.reporter.table({
        columns: [{ label: 'Experiment' }, { label: 'What it asks' }, { label: 'Source' }],
        rows: experiments.map(({ id, title, source }) => [id, title, source]),
      });
      return 0;
    }
    const experiment = experimentNamed(name);
    const teacher = flags.teacher ?? 'toy';
    const seeds = seedsOf(flags.seeds);
    const out = flags.out ?? name;
    requireFree(switches.has('estimate') ? undefined : out);
    const { info } = await readModel(teacher);
    requireTeacher(info);
    const data = flags.data ?? learntData(info);
    const sweep = sweepOf(experiment, { scale: scaleOf(info), teacher, data, seeds });
    requirePictures(sweep);
    const givenData = flags.data === undefined ? '' : ` --data ${data}`;
    return workOff(
      {
        ...{ sweep, out },
        command: `stillroom experiment ${name} --teacher ${teacher}${givenData} --seeds ${seeds.join()}`,
        cluster: clusterOf(words),
        fresh: switches.has('fresh'),
        estimateOnly: switches.has('estimate'),
      },
      context,
    );
  },
};
