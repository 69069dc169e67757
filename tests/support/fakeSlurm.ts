/** SLURM's commands as scripts that do what a test says: answer, refuse, hang, or take a job and never say so. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type SubmitMode = 'take' | 'refuse' | 'hang' | 'takeAndHang';
export type QueueMode = 'answer' | 'hang' | 'down';

export interface FakeSlurm extends AsyncDisposable {
  /** To be put before `PATH`. */
  readonly folder: string;
  submits(mode: SubmitMode): Promise<void>;
  answers(mode: QueueMode): Promise<void>;
  /** What `squeue` says of the tasks from now on, by place. */
  says(states: readonly string[]): Promise<void>;
  /** Jobs that were taken. */
  jobs(): Promise<number>;
  /** The last words that sbatch got. */
  words(): Promise<string[]>;
  cancelled(): Promise<string>;
}

const sbatch = `#!/bin/bash
dir=$(dirname "$0"); printf '%s\\0' "$@" > "$dir/words"
case $(cat "$dir/submits") in
  hang) exec sleep 20 ;;
  refuse) echo 'sbatch: error: Batch job submission failed: Invalid partition name specified' >&2; exit 1 ;;
esac
for word; do [[ $word = --job-name=* ]] && echo "\${word#*=}" >> "$dir/jobs"; done
[[ $(cat "$dir/submits") = takeAndHang ]] && exec sleep 20
wc -l < "$dir/jobs"
`;

const squeue = `#!/bin/bash
dir=$(dirname "$0")
case $(cat "$dir/answers") in
  hang) exec sleep 20 ;;
  down) echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2; exit 1 ;;
esac
for word; do
  [[ $word = --name=* ]] && { grep -n "^\${word#*=}$" "$dir/jobs" | cut -d: -f1; exit 0; }
done
cat "$dir/states"
`;

const programs = {
  sbatch,
  squeue,
  scancel: '#!/bin/bash\necho "$@" >> "$(dirname "$0")/cancelled"\n',
  sacct: '#!/bin/bash\necho "Slurm accounting storage is disabled" >&2; exit 1\n',
};

export async function fakeSlurm(): Promise<FakeSlurm> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fake-slurm-'));
  const at = (name: string) => path.join(folder, name);
  for (const [name, text] of Object.entries(programs)) await writeFile(at(name), text, { mode: 0o755 });
  const files = { submits: 'take', answers: 'answer', states: '', jobs: '', words: '', cancelled: '' };
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
  const lines = async (name: string, end: string) =>
    (await readFile(at(name), 'utf8')).split(end).filter((line) => line !== '');
  return {
    folder,
    submits: (mode) => writeFile(at('submits'), mode),
    answers: (mode) => writeFile(at('answers'), mode),
    says: (states) => writeFile(at('states'), states.map((state, i) => `${i}|${state}\n`).join('')),
    jobs: async () => (await lines('jobs', '\n')).length,
    words: () => lines('words', '\0'),
    cancelled: async () => (await readFile(at('cancelled'), 'utf8')).trim(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
