/** The page's own script; its hash is in the page's policy, and nothing else may run there. */
export const script = `
'use strict';
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

// Gallery: the row that is pointed at or focused, in the viewer.
const rows = all('.grid tbody tr');
const viewer = one('.viewer');
const pickLeft = one('.pick-left');
const pickRight = one('.pick-right');
const divider = one('input', viewer);
let current = 0;

function showRow(index) {
  current = Math.max(0, Math.min(rows.length - 1, index));
  const images = all('img', rows[current]);
  rows.forEach((row, i) => {
    row.classList.toggle('current', i === current);
    one('button', row).setAttribute('aria-pressed', String(i === current));
  });
  const [left, right] = [images[pickLeft.value], images[pickRight.value]];
  Object.assign(one('.left', viewer), { src: left.src, alt: left.alt });
  Object.assign(one('.right', viewer), { src: right.src, alt: right.alt });
  one('.shown', viewer).textContent = one('button', rows[current]).textContent;
}

rows.forEach((row, index) => {
  row.addEventListener('pointerenter', () => showRow(index));
  one('button', row).addEventListener('focus', () => showRow(index));
  row.addEventListener('click', ({ target }) => {
    if (target.dataset.column) pickRight.value = target.dataset.column;
    showRow(index);
  });
  row.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    showRow(index + step);
    one('button', rows[current]).focus();
  });
});
[pickLeft, pickRight].forEach((pick) => pick.addEventListener('change', () => showRow(current)));
divider.addEventListener('input', () => viewer.style.setProperty('--split', divider.value + '%'));
showRow(0);

// Race: every bar grows at the same speed and stops when its image is done.
const speed = one('.speed');
one('.race').addEventListener('click', () => {
  speed.classList.remove('racing');
  void speed.offsetWidth; // lets the animations begin anew
  speed.classList.add('racing');
});

// Strips: the slider chooses the frame; the others follow to the nearest iteration.
const strips = all('.strip').map((strip) => ({
  strip,
  frames: all('.film li', strip),
  slider: one('.film input', strip),
}));

function showFrame({ strip, frames, slider }, index) {
  const frame = frames[index];
  slider.value = index;
  slider.setAttribute('aria-valuetext', frame.dataset.reading);
  frames.forEach((each) => each.classList.toggle('shown', each === frame));
  const images = all('img', frame);
  all('.seeds img', strip).forEach((image, seed) => { image.src = images[seed].src; });
  one('.now .gauge', strip).style.setProperty('--level', frame.style.getPropertyValue('--level'));
  one('.reading', strip).textContent = frame.dataset.reading;
}

function choose(chosen, index) {
  const iteration = Number(chosen.frames[index].dataset.iteration);
  const followers = one('.together input').checked ? strips : [chosen];
  for (const each of followers) {
    const distances = each.frames.map((frame) => Math.abs(frame.dataset.iteration - iteration));
    showFrame(each, each === chosen ? index : distances.indexOf(Math.min(...distances)));
  }
}

for (const each of strips) {
  each.slider.addEventListener('input', () => choose(each, Number(each.slider.value)));
  each.frames.forEach((frame, index) => frame.addEventListener('click', () => choose(each, index)));
}
`;
