/** A small picture at every noise level, x_t = t·x1 + (1 − t)·noise, side by side. */

export const PICTURE = 24;
export const LEVELS = 12;

type Colour = readonly [number, number, number];
const paper: Colour = [0.86, 0.9, 0.93];
const face: Colour = [0.98, 0.76, 0.22];
const cheek: Colour = [0.93, 0.5, 0.3];
const ink: Colour = [0.3, 0.17, 0.1];

/** The clean picture at x, y in [−1, 1]: a face. */
function colourAt(x: number, y: number): Colour {
  const radius = Math.hypot(x, y);
  if (radius > 0.86) return paper;
  if (Math.hypot((Math.abs(x) - 0.33) / 0.75, y + 0.2) < 0.15) return ink;
  const mouth = Math.hypot(x, y - 0.08);
  if (y > 0.2 && mouth > 0.4 && mouth < 0.54) return ink;
  if (Math.hypot(Math.abs(x) - 0.56, y - 0.2) < 0.14) return cheek;
  return face;
}

/** Standard normal numbers, the same ones each time. */
function normalNumbers(): () => number {
  let state = 20_251_122;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** `LEVELS` pictures in a row, from t = 1/(2·LEVELS) on in equal parts. */
export function noisyPictures(): ImageData {
  const image = new ImageData(PICTURE * LEVELS, PICTURE);
  const normal = normalNumbers();
  const noise = Array.from({ length: PICTURE * PICTURE * 3 }, normal);
  for (let column = 0; column < image.width; column++) {
    const t = (Math.floor(column / PICTURE) + 0.5) / LEVELS;
    for (let row = 0; row < PICTURE; row++) {
      const i = column % PICTURE;
      const clean = colourAt((2 * i + 1) / PICTURE - 1, (2 * row + 1) / PICTURE - 1);
      const at = 4 * (row * image.width + column);
      clean.forEach((value, channel) => {
        const drawn = noise[3 * (row * PICTURE + i) + channel] ?? 0;
        // From [−1, 1], as the engine's pictures are.
        const noisy = t * (2 * value - 1) + (1 - t) * drawn;
        image.data[at + channel] = 127.5 * (noisy + 1);
      });
      image.data[at + 3] = 255;
    }
  }
  return image;
}
