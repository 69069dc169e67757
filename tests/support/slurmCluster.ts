/** A real cluster of one node for a test: SLURM's own daemons in a temporary folder, on ports of their own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scancel', 'scontrol'];
const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'];
const has = (program: string) =>
  spawnSync('which', [program], { env: { PATH: folders.join(':') } }).status === 0;
const missing = programs.filter((program) => !has(program));
const reason =
  missing.length > 0
    ? `SLURM is not installed (${missing.join(', ')}; Debian: slurmctld slurmd slurm-client munge)`
    : process.getuid?.() === 0
      ? undefined
      : "SLURM's daemons need root";

if (reason !== undefined && process.env['CI'] === 'true') throw new Error(`${reason}, and CI tests it`);
if (reason !== undefined) console.warn(`Tests on a real cluster are skipped: ${reason}.`);

export const clusterTest = test.skipIf(reason !== undefined);

export interface SlurmCluster extends AsyncDisposable {
  /** For whatever talks to this cluster. */
  readonly environment: NodeJS.ProcessEnv;
  /** What one of its commands prints. */
  ask(program: string, ...words: string[]): string;
}

/** `await using cluster = await startCluster()` ends its daemons at the end of the test. */
export async function startCluster(): Promise<SlurmCluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slurm-'));
  // Munge wants nobody else to write where its key and its socket are, but all to reach the socket.
  await chmod(folder, 0o755);
  const within = (name: string) => path.join(folder, name);
  await mkdir(within('state'));
  await mkdir(within('spool'));
  await writeFile(within('key'), Buffer.alloc(128, 'stillroom'), { mode: 0o600 });
  const [controller, node] = [await freePort(), await freePort()];
  await writeFile(
    within('slurm.conf'),
    [
      'ClusterName=test',
      `SlurmctldHost=${hostname()}(127.0.0.1)`,
      `SlurmctldPort=${controller}`,
      `SlurmdPort=${node}`,
      `AuthType=auth/munge`,
      `AuthInfo=socket=${within('munge.socket')}`,
      ...['CredType=cred/munge', 'ProctrackType=proctrack/linuxproc', 'TaskPlugin=task/none'],
      ...['SlurmUser=root', 'SlurmdUser=root', 'MpiDefault=none', 'ReturnToService=2'],
      `StateSaveLocation=${within('state')}`,
      `SlurmdSpoolDir=${within('spool')}`,
      `SlurmctldPidFile=${within('slurmctld.pid')}`,
      `SlurmdPidFile=${within('slurmd.pid')}`,
      ...['SelectType=select/cons_tres', 'SelectTypeParameters=CR_Core'],
      ...['SchedulerParameters=sched_interval=1,batch_sched_delay=0', 'KillWait=20'],
      `NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} RealMemory=4000 State=UNKNOWN`,
      `PartitionName=main Nodes=${hostname()} Default=YES MaxTime=INFINITE State=UP`,
      '',
    ].join('\n'),
  );
  const environment = { ...process.env, SLURM_CONF: within('slurm.conf'), PATH: folders.join(':') };
  const daemons: ChildProcess[] = [];
  const start = (program: string, ...words: string[]) => {
    daemons.push(spawn(program, words, { env: environment, stdio: 'ignore' }));
  };
  const mungeFiles = ['socket', 'pid-file', 'log-file', 'seed-file'].map(
    (name) => `--${name}=${within(`munge.${name.replace('-file', '')}`)}`,
  );
  start('munged', '--foreground', '--force', `--key-file=${within('key')}`, ...mungeFiles);
  await sleep(300);
  start('slurmctld', '-D', '-i');
  start('slurmd', '-D', '-N', hostname());
  const ask = (program: string, ...words: string[]): string =>
    spawnSync(program, words, { env: environment, encoding: 'utf8' }).stdout;
  const cluster: SlurmCluster = {
    environment,
    ask,
    async [Symbol.asyncDispose]() {
      ask('scancel', '--user=root');
      for (const daemon of daemons.reverse()) {
        if (daemon.exitCode !== null) continue;
        daemon.kill('SIGTERM');
        await Promise.race([once(daemon, 'exit'), sleep(5000).then(() => daemon.kill('SIGKILL'))]);
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  for (let tries = 0; !/^idle/m.test(ask('sinfo', '--noheader', '--format=%T')); tries++) {
    if (tries === 100) {
      await cluster[Symbol.asyncDispose]();
      throw new Error('the cluster did not come up within 20 s');
    }
    await sleep(200);
  }
  return cluster;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
