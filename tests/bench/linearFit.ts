/** A straight line through measured points. */
export interface LinearFit {
  readonly slope: number;
  readonly intercept: number;
  /** Share of y's variance that the line explains; 1 is exactly on the line. */
  readonly rSquared: number;
}

/** Ordinary least squares. @throws Error for fewer than two different x. */
export function linearFit(points: readonly { readonly x: number; readonly y: number }[]): LinearFit {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const sum = (term: (dx: number, dy: number) => number) =>
    points.reduce((total, { x, y }) => total + term(x - meanX, y - meanY), 0);
  const spreadX = sum((dx) => dx * dx);
  if (!(spreadX > 0)) throw new Error('a line needs two different x');
  const slope = sum((dx, dy) => dx * dy) / spreadX;
  const residual = sum((dx, dy) => (dy - slope * dx) ** 2);
  const spreadY = sum((_, dy) => dy * dy);
  return { slope, intercept: meanY - slope * meanX, rSquared: spreadY === 0 ? 1 : 1 - residual / spreadY };
}
