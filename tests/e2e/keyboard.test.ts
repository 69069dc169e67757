/** The studio by keys alone: each control of each view can be reached, has a name and shows its focus; so does a whole path. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { viewIds } from '../../renderer/views/viewIds.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

/** More Tabs than any view has controls. */
const MOST_TABS = 250;

/** Marks what can be used and seen, with one of each group of radio buttons and of each roving group. */
const markControls = `(() => {
  const kinds = 'a[href], button, input, textarea, summary, [role=slider], [tabindex]:not([tabindex="-1"])';
  const groups = new Set();
  let count = 0;
  const place = document.querySelector('[role=dialog]') ?? document;
  for (const control of place.querySelectorAll(kinds)) {
    if (control.disabled || control.tabIndex < 0 || control.type === 'file' || control.closest('[inert], [aria-hidden="true"]')) continue;
    if (!control.checkVisibility({ visibilityProperty: true })) continue;
    if (control.type === 'radio') {
      if (!control.checked || groups.has(control.name)) continue;
      groups.add(control.name);
    }
    control.dataset.control = String(count++);
  }
  return count;
})()`;

/** Of what has the focus: its mark, its name as assistive programs hear it, whether its focus can be seen. */
const describeFocus = `(() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const textOf = (id) => document.getElementById(id)?.textContent ?? '';
  const name = [
    focused.ariaLabel, ...(focused.getAttribute('aria-labelledby') ?? '').split(' ').map(textOf),
    ...[...(focused.labels ?? [])].map((label) => label.textContent), focused.textContent, focused.title,
  ].find((text) => text?.trim()) ?? '';
  // Hidden radio buttons show it at their text, cards around their whole.
  const places = [[focused], [focused, '::after'], [focused.nextElementSibling], [focused.parentElement]];
  const hasRing = places.some(([place, part]) => {
    if (!place) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(place, part);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
  });
  return { mark: focused.dataset.control, name: name.trim(), hasRing, html: focused.outerHTML.slice(0, 160) };
})()`;

interface Focus {
  readonly mark?: string;
  readonly name: string;
  readonly hasRing: boolean;
  readonly html: string;
}

browserTest('every control of every view is reached by Tab, named, and shows its focus', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
  const faults: string[] = [];
  for (const view of [...viewIds, 'projects/new', 'teacher/train', 'recipe/expert', 'recipe/json']) {
    await page.evaluate(`window.location.hash = '/${view}'`);
    await page.locator(`a[aria-current="page"][href="#/${view.split('/')[0] ?? ''}"]`).waitFor();
    await page.waitForTimeout(300);
    const count = await page.evaluate<number>(markControls);
    expect(count).toBeGreaterThan(view === 'projects/new' ? 2 : 10);
    await page.evaluate('document.activeElement?.blur()');
    const missing = new Set(Array.from({ length: count }, (_, index) => String(index)));
    for (let presses = 0; presses < MOST_TABS && missing.size > 0; presses++) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate<Focus | null>(describeFocus);
      if (focus?.mark === undefined || !missing.delete(focus.mark)) continue;
      if (focus.name === '') faults.push(`${view}: no name: ${focus.html}`);
      if (!focus.hasRing) faults.push(`${view}: no ring: ${focus.html}`);
    }
    for (const mark of missing) {
      const control = page.locator(`[data-control="${mark}"]`);
      // What was replaced meanwhile is no control of this view any more.
      if (!(await control.isVisible())) continue;
      const html = await page.evaluate<string>(
        `document.querySelector('[data-control="${mark}"]').outerHTML`,
      );
      faults.push(`${view}: not reached: ${html.slice(0, 160)}`);
    }
    await page.evaluate(
      `document.querySelectorAll('[data-control]').forEach((one) => delete one.dataset.control)`,
    );
    await page.keyboard.press('Escape');
  }
  expect(faults).toEqual([]);
  expect(lab.complaints).toEqual([]);
});

browserTest('a student is made, judged, exported and brought back without a pointer', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  const { keyboard } = page;
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

  await keyboard.press('Control+n');
  await page.locator('input:focus').waitFor();
  await keyboard.type('By keys');
  await keyboard.press('Enter');
  await activate(page, button('Open By keys'));
  await activate(page, page.getByRole('button', { name: /^Eight blobs/ }));
  await activate(page, button('Use these pictures'));
  await activate(page, button('Go on to Teacher'));
  await activate(page, page.getByRole('button', { name: /^Eight blobs/ }));
  await activate(page, button('Use this teacher'));
  await activate(page, button('Go on to Recipe'));

  await tabTo(page, page.getByRole('radio', { name: 'Goals' }));
  await keyboard.press('ArrowRight');
  await type(page, /^Name/, 'Keyed');
  await type(page, /^Iterations/, '1000');
  await type(page, /^Batch/, '16');
  await keyboard.press('Control+Enter');
  await page.getByRole('heading', { level: 1, name: 'Keyed' }).waitFor();
  await page.getByRole('slider', { name: 'Iterations' }).waitFor();
  await activate(page, button('Pause'));
  await button('Resume').waitFor();
  await activate(page, button('Resume'));
  await page.getByText('Student · Done').waitFor({ timeout: 60_000 });

  await keyboard.press('Control+6');
  await type(page, /^Its steps/, '4');
  await activate(page, button('Make 4 pictures'));
  await page.getByText('4 of 4 pictures').waitFor();
  await tabTo(page, page.getByRole('radio', { name: 'Grid' }));
  await keyboard.press('ArrowRight');
  await keyboard.press('ArrowRight');
  await activate(page, button('Start blind test'));
  for (const judged of [0, 1]) {
    await page.getByText(`${judged} of 2 judged`).waitFor();
    await keyboard.press('ArrowRight');
  }
  await button('New blind test').waitFor();

  await keyboard.press('Control+7');
  await pick(page, 'More for Keyed', 'Export model…');
  await activate(page, button('Export'));
  await page.getByText('Read back and compared:').waitFor();
  await keyboard.press('Escape');
  await pick(page, 'More for Keyed', 'Move to trash');
  await button('More for Keyed').waitFor({ state: 'detached' });
  await activate(page, button('Undo: Keyed'));
  await button('More for Keyed').waitFor();
  expect(lab.complaints).toEqual([]);
});

async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor();
  const focused = target.and(page.locator(':focus'));
  for (let presses = 0; presses < MOST_TABS; presses++) {
    if ((await focused.count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reaches ${target.toString()}.`);
}

async function activate(page: Page, target: Locator): Promise<void> {
  await expect.poll(() => target.first().isEnabled()).toBe(true);
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

async function type(page: Page, label: RegExp, text: string): Promise<void> {
  await tabTo(page, page.getByRole('textbox', { name: label }).first());
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

/** Opens a menu and walks to its item. */
async function pick(page: Page, menu: string, item: string): Promise<void> {
  await activate(page, page.getByRole('button', { name: menu, exact: true }));
  // A menu takes the focus a frame after it is seen; until then its button hears the keys, and Enter would close it.
  await page.locator('[role=menuitem]:focus').waitFor();
  const wanted = page.getByRole('menuitem', { name: item });
  for (let presses = 0; presses < 10; presses++) {
    if ((await wanted.and(page.locator(':focus')).count()) > 0) break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
}
