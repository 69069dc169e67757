/** What is photographed: each scene opens a view as a person would and brings it to where it tells most. */
import type { Page } from 'playwright-core';
import { ablationProject, type StudioData } from './studioData.ts';

export interface Scene {
  readonly name: string;
  /** What follows `#/`. */
  view(data: StudioData): string;
  prepare?(page: Page, data: StudioData): Promise<void>;
  /** Ends what would go on in the next scene. */
  leave?(page: Page, data: StudioData): Promise<void>;
  /** A heading that each photograph begins with. */
  readonly from?: string;
  /** Photographed in mid-grey too. */
  readonly inGrey?: boolean;
}

/** What is needed of an element: these files are checked without the DOM's types. */
interface Scrolled {
  scrollIntoView(options: { readonly block: 'start' }): void;
}

const choose = (page: Page, text: string): Promise<void> =>
  page.locator('main').getByText(text, { exact: true }).first().click();
const pictures = (page: Page): Promise<void> => page.locator('main img').first().waitFor();
export const scrollTo = (page: Page, title: string): Promise<void> =>
  page
    .getByRole('heading', { name: title, exact: true })
    .first()
    .evaluate((heading: Scrolled) => heading.scrollIntoView({ block: 'start' }));
const command = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(text);
};
const leaveDialog = (page: Page): Promise<void> => page.keyboard.press('Escape');
const go = (page: Page, view: string): Promise<unknown> =>
  page.evaluate(`window.location.hash = ${JSON.stringify(`/${view}`)}`);
const openProject = async (page: Page, name: string): Promise<void> => {
  await go(page, 'projects');
  await page.getByRole('button', { name: `Open ${name}` }).click();
  await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
};
const openDemo = (page: Page): Promise<void> => openProject(page, 'Emoji demo');

const train: readonly Scene[] = [
  {
    name: 'train',
    inGrey: true,
    view: ({ watched }) => `train/${watched.id}`,
    async prepare(page, { api, watched }) {
      await api.runs.resume({ id: watched.id });
      await page.getByRole('button', { name: 'Sample now' }).waitFor({ timeout: 120_000 });
      await page.getByRole('img', { name: /^Fake score sees/ }).waitFor({ timeout: 120_000 });
      await page.locator('footer').getByText('left').waitFor({ timeout: 120_000 });
    },
  },
  {
    name: 'train-curves',
    view: ({ watched }) => `train/${watched.id}`,
    from: 'Curves',
    async leave(_, { api, watched }) {
      await api.runs.pause({ id: watched.id });
    },
  },
  {
    name: 'train-verdict',
    view: ({ overBaked }) => `train/${overBaked.id}`,
    prepare: (page) => page.getByRole('heading', { name: /^Over-baking/ }).waitFor(),
  },
  {
    name: 'train-fork',
    view: ({ overBaked }) => `train/${overBaked.id}`,
    prepare: (page) => page.getByRole('button', { name: 'Rewind and fork with this…' }).click(),
    leave: leaveDialog,
  },
];

const gallery: readonly Scene[] = [
  { name: 'gallery', inGrey: true, view: () => 'gallery', prepare: pictures },
  {
    name: 'gallery-slider',
    view: () => 'gallery',
    async prepare(page) {
      await choose(page, 'Compare');
      await choose(page, 'Slider');
    },
  },
  {
    name: 'gallery-compare',
    inGrey: true,
    view: () => 'gallery',
    async prepare(page) {
      await choose(page, 'Compare');
      await choose(page, 'Side by side');
    },
  },
  { name: 'gallery-difference', view: () => 'gallery', prepare: (page) => choose(page, 'Difference') },
  {
    name: 'gallery-blind',
    view: () => 'gallery',
    async prepare(page) {
      await choose(page, 'Blind test');
      await page.getByRole('button', { name: 'Start blind test' }).click();
      await page.getByRole('button', { name: 'Left is better' }).waitFor();
    },
  },
  {
    name: 'gallery-race',
    view: () => 'gallery',
    async prepare(page) {
      await choose(page, 'Race');
      await page.getByLabel('Right', { exact: true }).first().click();
      await page.getByRole('option', { name: /^One step · 1 step/ }).click();
      await page.locator('main').getByRole('button', { name: 'Race', exact: true }).click();
      await page.getByRole('button', { name: 'Watch again' }).waitFor({ timeout: 180_000 });
      await page.getByText('× as fast').first().waitFor({ timeout: 120_000 });
    },
  },
  {
    name: 'gallery-play',
    view: () => 'gallery',
    async prepare(page) {
      await choose(page, 'Play');
      await page.getByLabel('Student', { exact: true }).first().click();
      await page.getByRole('option', { name: 'One step', exact: true }).click();
      await page.getByRole('textbox', { name: 'Own words' }).fill('red heart');
      await page.getByText('Loading the student…').waitFor({ state: 'detached', timeout: 120_000 });
    },
    // Back to the grid, where the next visit begins.
    leave: (page) => choose(page, 'Grid'),
  },
];

const experiments: readonly Scene[] = [
  {
    name: 'experiments',
    view: () => 'projects',
    async prepare(page) {
      await openProject(page, ablationProject);
      await go(page, 'experiments');
      await page.getByText('Done').first().waitFor();
    },
  },
  {
    name: 'experiment-report',
    view: ({ ablation }) => `experiments/${ablation.id}`,
    prepare: (page) => page.getByRole('region', { name: 'All numbers' }).waitFor(),
    // The lineage is clearer without its fifteen students; the studio is a copy.
    async leave(page, { api, ablation }) {
      await openDemo(page);
      await api.projects.discard({ id: ablation.projectId });
      await api.library.emptyTrash({});
    },
  },
];

const shell: readonly Scene[] = [
  { name: 'settings', view: () => 'settings' },
  { name: 'palette', view: () => 'recipe', prepare: (page) => command(page, 'th'), leave: leaveDialog },
  {
    name: 'shortcuts',
    view: () => 'train',
    prepare: (page) => page.keyboard.press('F1'),
    leave: leaveDialog,
  },
  {
    name: 'empty-train',
    view: () => 'projects',
    async prepare(page) {
      await openProject(page, 'Autumn leaves');
      await page.keyboard.press('Control+5');
    },
  },
  { name: 'empty-gallery', view: () => 'gallery', leave: openDemo },
];

export const scenes: readonly Scene[] = [
  { name: 'projects', view: () => 'projects', prepare: pictures },
  {
    name: 'data',
    view: ({ inkDrops }) => `data/${inkDrops}`,
    prepare: (page) => page.getByRole('row').filter({ hasText: 'half-copied' }).waitFor(),
  },
  {
    name: 'data-cut',
    view: ({ inkDrops }) => `data/${inkDrops}`,
    async prepare(page) {
      await page.getByText('Whole, with the cut').scrollIntoViewIfNeeded();
      await choose(page, 'Whole, with the cut');
    },
    from: 'Pictures and captions',
  },
  { name: 'data-demo', view: () => 'data/demo', prepare: pictures },
  { name: 'teacher', view: () => 'teacher/emoji', prepare: pictures },
  { name: 'teacher-train', view: () => 'teacher/train' },
  { name: 'teacher-watch', view: ({ inkTeacher }) => `teacher/run/${inkTeacher.id}`, prepare: pictures },
  { name: 'recipe', view: () => 'recipe' },
  {
    name: 'recipe-expert',
    inGrey: true,
    view: () => 'recipe/expert',
    async prepare(page) {
      const end = page.getByRole('slider', { name: 'CA: noisiest level' });
      for (let press = 0; press < 2; press++) await end.press('PageUp');
    },
    leave: (page) => page.getByRole('slider', { name: 'CA: noisiest level' }).press('Home'),
  },
  { name: 'recipe-schedule', view: () => 'recipe/expert', from: 'Schedule' },
  { name: 'recipe-fields', view: () => 'recipe/expert', from: 'Student' },
  { name: 'recipe-json', view: () => 'recipe/json' },
  {
    name: 'recipe-problem',
    view: () => 'recipe/expert',
    async prepare(page) {
      const scale = page.getByRole('textbox', { name: /^Guidance scale/ });
      await scale.fill('50');
      await page.getByText('To put right').waitFor();
    },
    leave: (page) => page.getByRole('textbox', { name: /^Guidance scale/ }).fill('2.5'),
  },
  ...train,
  ...gallery,
  ...experiments,
  {
    name: 'library',
    view: () => 'library',
    prepare: (page) => page.getByText('Four steps').first().waitFor(),
  },
  {
    name: 'lab',
    inGrey: true,
    view: () => 'lab2d',
    async prepare(page) {
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await page
        .getByRole('complementary', { name: 'Weights' })
        .locator('dd')
        .first()
        .filter({ hasText: /^[4-9]\d$/ })
        .waitFor({ timeout: 120_000 });
    },
    leave: (page) => page.getByRole('button', { name: 'Pause', exact: true }).click(),
  },
  ...shell,
];
