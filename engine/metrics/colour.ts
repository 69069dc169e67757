/** What drifts first when a student goes wrong: brightness, contrast and saturation of its pictures. */

export interface Colour {
  /** Mean of all values; −1 is black and 1 white. */
  readonly mean: number;
  /** Standard deviation of all values of all pictures. */
  readonly std: number;
  /** Mean over the pixels of max − min of red, green and blue, each first brought into [0, 1]: 0 is grey. */
  readonly saturation: number;
  /** Share of values outside [−1, 1], which a screen cannot show. */
  readonly outOfRange: number;
}

/** @param values (N, height, width, 3), [−1, 1] and somewhat beyond. */
export function measureColour(values: Float32Array): Colour {
  const { length } = values;
  let sum = 0;
  let outside = 0;
  let chroma = 0;
  for (let i = 0; i < length; i += 3) {
    let least = 1;
    let most = 0;
    for (let channel = i; channel < i + 3; channel++) {
      const value = values[channel] ?? NaN;
      const shown = Math.min(1, Math.max(0, (value + 1) / 2));
      sum += value;
      outside += Number(Math.abs(value) > 1);
      least = Math.min(least, shown);
      most = Math.max(most, shown);
    }
    chroma += most - least;
  }
  const mean = sum / length;
  // A second pass: the difference of two large sums would lose digits.
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return {
    mean,
    std: Math.sqrt(squares / length),
    saturation: chroma / (length / 3),
    outOfRange: outside / length,
  };
}
