export const train = {
  empty: 'Nothing is training',
  emptyHelp: 'Start a run from a recipe and watch why it works.',
  toRecipe: 'Choose a recipe',
  kinds: { teacher: 'Teacher', distillation: 'Student' },
  statuses: { queued: 'Queued', running: 'Training', paused: 'Paused', done: 'Done', failed: 'Failed' },
  forkOf: (step: number) => (step === 0 ? 'begun anew' : `forked at iteration ${step}`),
  retuned: (why: string, run: string, fork: string, step: number, changes: string) =>
    `${why}: “${run}” goes on as “${fork}” ${step === 0 ? 'afresh' : `from iteration ${step}`} with ${changes}.`,
  pause: 'Pause',
  pauseHelp: 'Saves a checkpoint first.',
  resume: 'Resume',
  leaveQueue: 'Leave the queue',
  sample: 'Sample now',
  fork: 'Rewind and fork…',
  pauseOrResume: 'Pause or resume the run',
  iteration: 'Iteration',
  ofTotal: (total: number) => `of ${total}`,
  pace: 'An iteration',
  seconds: (seconds: string) => `${seconds} s`,
  milliseconds: (milliseconds: string) => `${milliseconds} ms`,
  left: 'Left',
  sampling: 'Making pictures',
  preparing: 'Preparing',
  waiting: 'Waiting for its turn',
  progress: (name: string) => `Progress of ${name}`,
  none: '–',

  queue: 'Queue',
  moveRun: (name: string, place: number, count: number) => `${name}: place ${place} of ${count} in the queue`,
  moveHelp: 'Drag, or press Alt with ↑ or ↓.',
  runs: 'Runs',
  inspector: 'Runs and checkpoints',
  checkpoints: 'Checkpoints',
  noCheckpoints: 'None yet.',
  at: (step: number) => `Iteration ${step}`,
  pin: (step: number) => `Keep the checkpoint of iteration ${step}`,
  unpin: (step: number) => `Let the checkpoint of iteration ${step} be pruned`,
  best: 'Best',
  bestHelp: 'Came nearest to what the student should be; is never pruned.',
  forkHere: (step: number) => `Fork from iteration ${step}`,

  verdicts: {
    'no-guidance': {
      title: 'No guidance to distil',
      text: (measured: string, limit: string) =>
        `The condition moves the teacher’s prediction by ${measured} of the data’s deviation; below ${limit} CA has nothing to teach. Choose a teacher that was trained with and without its condition.`,
    },
    'fake-lags': {
      title: 'The fake score lags behind',
      text: (measured: string, limit: string) =>
        `Its loss is ${measured}; from ${limit} on the shield no longer knows the student. Train it faster or oftener.`,
    },
    'over-baked': {
      title: 'Over-baking',
      text: (measured: string, limit: string) =>
        `The samples vary ${measured} times as much as the data; from ${limit} on colours burn out. Stop here, or go back and hold CA better.`,
    },
    collapsed: {
      title: 'Collapsing inwards',
      text: (measured: string, limit: string) =>
        `The samples vary only ${measured} times as much as the data; below ${limit} they lose variety. Go back and move more gently.`,
    },
    'past-best': {
      title: 'Past its best',
      text: (measured: string, limit: string) =>
        `The student was at a distance of ${limit} then and is at ${measured} now. The best checkpoint is kept.`,
    },
    converged: {
      title: 'Settled',
      text: () => 'The samples hardly change any more: this is a good moment to stop and compare.',
    },
  },
  since: (step: number) => `since iteration ${step}`,
  tryIt: 'Rewind and fork with this…',

  views: 'Why it looks so',
  viewsHelp:
    'One seed, three models: what the student made, and what teacher and fake score see in it once noise is added.',
  viewsEmpty: 'Made while the run trains, with every frame and whenever you choose a noise level.',
  student: 'Student',
  teacher: 'Teacher sees',
  fake: 'Fake score sees',
  noFake: 'This recipe trains no fake score.',
  tau: 'Noise level τ',
  tauHelp: '0 is pure noise, 1 the picture as it is.',
  viewedAt: (step: number, tau: string) => `Iteration ${step}, τ = ${tau}`,

  frames: 'Through time',
  framesHelp: 'The same seeds as the student learns.',
  framesEmpty: 'The first picture comes with the first iteration.',
  frameAt: (step: number) => `Picture at iteration ${step}`,
  film: 'Iterations',
  square: (caption: string, index: number) => (caption === '' ? `Picture ${index}` : caption),
  enlarge: (what: string) => `Enlarge ${what}`,

  curves: 'Curves',
  logScale: 'Log scale',
  curvesEmpty: 'Curves begin with the first iteration.',
  latest: (name: string, value: string) => `${name}: ${value}`,
  metrics: {
    distance: {
      title: 'Distance',
      help: 'From what the student should be, at each checkpoint; lower is closer.',
    },
    loss: { title: 'Loss', help: 'Squared length of the update; it has no best value.' },
    fake_loss: { title: 'Fake-score loss', help: 'Grows when the fake score lags.' },
    dm_rel_gap: { title: 'DM gap', help: 'How far fake score and teacher differ.' },
    dm_cos: { title: 'DM cosine', help: 'How far fake score and teacher agree.' },
    x_std: { title: 'Deviation', help: 'Of the samples; steady rise is over-baking. Dashed: the data.' },
    out_of_range: { title: 'Out of range', help: 'Share of values that clip.' },
    gradient_norm: { title: 'Gradient norm', help: "Of the student's update." },
    gan_loss: {
      title: 'GAN loss',
      help: 'The student’s: falls while its pictures pass as real. 0.69 is undecided.',
    },
    discriminator_loss: {
      title: 'Discriminator loss',
      help: 'Near 1.39 it cannot tell real from generated; near 0 it wins and teaches nothing.',
    },
    gan_accuracy: {
      title: 'Discriminator accuracy',
      help: 'Share of pictures that it judges rightly; half is guessing.',
    },
    gan_r1: { title: 'R1', help: 'How steep the discriminator is around real pictures.' },
    mean_variance: {
      title: 'Mean and variance',
      help: 'How far the pictures’ mean and variance are from the data’s.',
    },
    dm_to_ca: { title: 'DM to CA', help: 'How strong the shield is beside the spear, before their weights.' },
  },

  forkTitle: 'Rewind and fork',
  forkHelp: 'A new run goes on from a checkpoint with changed settings. This run stays as it is.',
  forkName: 'Name',
  forkFrom: 'From',
  forkDo: 'Fork',
  forkStarted: (name: string) => `“${name}” is queued.`,
  forkNone: 'There is no checkpoint yet.',
  forkNumber: 'A number is needed.',
  forkIterations: (step: number) => `More than ${step}, where it begins.`,
  forkNamed: (name: string) => `${name}, fork`,
};
