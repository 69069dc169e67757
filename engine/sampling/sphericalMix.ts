/** Noise between two noises: along the sphere, so that what lies between has the length that noise has. */

/**
 * sin((1 − s)Ω)/sin Ω · a + sin(sΩ)/sin Ω · b, Ω the angle between a and b (Shoemake 1985); float32 of their length.
 *
 * @param share s: 0 is a, 1 is b.
 */
export function sphericalMix(a: Float32Array, b: Float32Array, share: number): Float32Array {
  let [product, squareA, squareB] = [0, 0, 0];
  a.forEach((value, i) => {
    const other = b[i] ?? 0;
    product += value * other;
    squareA += value * value;
    squareB += other * other;
  });
  const angle = Math.acos(Math.min(1, Math.max(-1, product / Math.sqrt(squareA * squareB))));
  // The same or opposite noise: no one way leads along the sphere, and the straight one stays finite.
  const isStraight = !(Math.sin(angle) > 1e-6);
  const ofA = isStraight ? 1 - share : Math.sin((1 - share) * angle) / Math.sin(angle);
  const ofB = isStraight ? share : Math.sin(share * angle) / Math.sin(angle);
  return a.map((value, i) => ofA * value + ofB * (b[i] ?? 0));
}
