/** The worker that runs our engine on one backend, named by its only argument. Speaks `protocol.ts`. */
import { createInterface } from 'node:readline';
import { StudioError } from '../../engine/contract/errors.ts';
import { activateBackend, backendNames } from '../../engine/tensor/backends/backend.ts';
import { memoryInfo } from '../../engine/tensor/memory.ts';
import { inLanes } from '../../engine/tensor/lanes.ts';
import { createResidentState, named } from '../../engine/tensor/residentState.ts';
import { Step } from '../../engine/tensor/step.ts';
import {
  dispose,
  matMul,
  randomNormal,
  scalar,
  slice,
  type Rank,
  type Tensor,
} from '../../engine/tensor/tf.ts';
import { activationBytes, startWorkload, type RunningWorkload } from './engineWork.ts';
import { EngineSampling } from './engineSampling.ts';
import type { Command, Commands, Greeting } from './protocol.ts';

const MATMUL_SIZE = 1024;
/** Products a measurement, about a tenth of a second on two cores. */
const MATMUL_COUNT = 8;

const secondsSince = (started: number): number => (performance.now() - started) / 1000;

/** On the backend's way to its full rate: in lanes where it has them. */
async function measureMatmul(): Promise<number> {
  const matrices = randomNormal<Rank.R3>([MATMUL_COUNT, MATMUL_SIZE, MATMUL_SIZE]);
  const empty = scalar(0);
  const state = createResidentState({ empty });
  const step = new Step({
    ...{ name: 'products', state },
    run: (_, feeds) => {
      const [products] = inLanes([named(feeds, 'matrices')], ([part]) => [
        matMul(part as Tensor, part as Tensor),
      ]);
      return { outputs: { corners: slice(products as Tensor, [0, 0, 0], [MATMUL_COUNT, 1, 1]) } };
    },
  });
  const multiply = async () => {
    const outputs = step.run({ matrices });
    await named(outputs, 'corners').data();
    dispose(outputs);
  };
  await multiply();
  const started = performance.now();
  await multiply();
  const seconds = secondsSince(started);
  step.dispose();
  state.dispose();
  dispose([matrices, empty]);
  return (2 * MATMUL_COUNT * MATMUL_SIZE ** 3) / seconds / 1e9;
}

class EngineWorker {
  private readonly running = new Map<string, RunningWorkload>();
  private readonly sampling = new EngineSampling();

  private readonly handlers: {
    readonly [C in Exclude<Command, 'flops'>]: (
      ask: Commands[C]['ask'],
    ) => Commands[C]['answer'] | Promise<Commands[C]['answer']>;
  } = {
    prepare: async ({ id, variant, iterations }) => {
      const before = memoryInfo().residentBytes;
      const started = performance.now();
      const workload = startWorkload(variant);
      this.running.set(id, workload);
      const [first, ...others] = iterations;
      await workload.iterate(first?.number ?? 0);
      const firstIterationSeconds = secondsSince(started);
      const sinceStartSeconds = performance.now() / 1000;
      for (const { number } of others) await workload.iterate(number);
      return {
        firstIterationSeconds,
        sinceStartSeconds,
        residentBytes: Math.max(0, memoryInfo().residentBytes - before),
        parameters: workload.parameters,
      };
    },
    run: async ({ id, iterations }) => {
      const workload = this.running.get(id);
      if (!workload) throw new Error(`${id} was not prepared`);
      const started = performance.now();
      for (const { number } of iterations) await workload.iterate(number);
      return { seconds: secondsSince(started) };
    },
    matmul: async () => ({ gigaflops: await measureMatmul() }),
    sample: async (task) => ({ seconds: await this.sampling.secondsOf(task) }),
    activations: async ({ network, batch }) => ({ bytes: await activationBytes(network, batch) }),
    memory: () => ({
      residentBytes: memoryInfo().residentBytes,
      peakResidentBytes: process.resourceUsage().maxRSS * 1024,
    }),
  };

  answer({ command, ...ask }: { command: Exclude<Command, 'flops'> }): unknown {
    return (this.handlers[command] as (ask: unknown) => unknown)(ask);
  }

  dispose(): void {
    for (const workload of this.running.values()) workload.dispose();
    this.sampling.dispose();
  }
}

const say = (line: unknown): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const backend = backendNames.find((name) => name === process.argv[2]) ?? 'wasm';
  const started = performance.now();
  const active = await activateBackend(backend);
  if (active.isEmulated) {
    active.release();
    say({ unavailable: `Only an adapter imitated by the processor was found (${active.device}).` });
    return;
  }
  const { device, version, threads = null } = active;
  say({ device, version, threads, activationSeconds: secondsSince(started) } satisfies Greeting);
  const worker = new EngineWorker();
  for await (const line of createInterface({ input: process.stdin })) {
    say(await worker.answer(JSON.parse(line) as { command: Exclude<Command, 'flops'> }));
  }
  worker.dispose();
  active.release();
}

await main().catch((error: unknown) => {
  if (!(error instanceof StudioError) || error.code !== 'engine-unavailable') throw error;
  say({ unavailable: error.message });
});
