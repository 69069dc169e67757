/** Mean and standard deviation of all values, in double precision. */

export const meanOf = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function deviationOf(values: Float32Array): number {
  const mean = meanOf(values);
  // A second pass: the difference of two large sums would lose digits.
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
