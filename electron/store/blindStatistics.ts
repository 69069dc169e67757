/** How sure a tally of wins is: the exact binomial test. */

/**
 * How often two equals would come out at least as uneven as this: two-sided, p = 1/2; 1 without any win.
 * Clopper & Pearson 1934 for the distribution; logarithms, so that large counts do not overflow.
 */
export function chanceOfEquals(first: number, second: number): number {
  const total = first + second;
  const most = Math.max(first, second);
  let logChoose = 0; // of (total over 0)
  let sum = 0;
  for (let wins = 0; wins <= total; wins++) {
    if (wins > 0) logChoose += Math.log((total - wins + 1) / wins);
    if (Math.max(wins, total - wins) >= most) sum += Math.exp(logChoose - total * Math.LN2);
  }
  return Math.min(1, sum);
}
