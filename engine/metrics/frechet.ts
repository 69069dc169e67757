/** Fréchet distance between Gaussians fitted to two sets of features, in double precision on the host. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { StudioError } from '../contract/errors.ts';
import type { Features } from './features.ts';

/** Mean μ (d) and covariance Σ (d × d) of a set of features, Σ with the divisor N − 1. */
export interface Gaussian {
  readonly mean: Float64Array;
  readonly covariance: Matrix;
}

/** Throws `internal` for fewer than two rows: they have no covariance. */
export function fitGaussian({ values, count, width }: Features): Gaussian {
  if (count < 2) throw new StudioError('internal', 'A distance needs at least two pictures.');
  const mean = new Float64Array(width);
  for (let i = 0; i < values.length; i++)
    mean[i % width] = (mean[i % width] ?? 0) + (values[i] ?? NaN) / count;
  const centred = new Matrix(count, width);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < width; column++) {
      centred.set(row, column, (values[row * width + column] ?? NaN) - (mean[column] ?? NaN));
    }
  }
  const covariance = centred
    .transpose()
    .mmul(centred)
    .div(count - 1);
  return { mean, covariance };
}

/**
 * ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½)
 * (Dowson & Landau 1982; on network features, Heusel et al. 2017). Not a number when a feature is not finite.
 *
 * Σ₁Σ₂ is not symmetric, but Σ₁^½ Σ₂ Σ₁^½ is and has the same eigenvalues λ, so tr (Σ₁Σ₂)^½ = Σ √λ needs only
 * symmetric decompositions; eigenvalues that rounding made negative count as 0.
 */
export function gaussianDistance(a: Gaussian, b: Gaussian): number {
  const between = a.mean.reduce((sum, value, i) => sum + (value - (b.mean[i] ?? NaN)) ** 2, 0);
  const traces = a.covariance.trace() + b.covariance.trace();
  if (!Number.isFinite(between + traces)) return NaN;
  const root = squareRoot(a.covariance);
  const product = root.mmul(b.covariance).mmul(root);
  const shared = eigenvalues(product).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  return Math.max(0, between + traces - 2 * shared);
}

/** The symmetric root V √Λ Vᵀ of a symmetric positive semi-definite matrix V Λ Vᵀ. */
function squareRoot(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = decompose(matrix);
  const scaled = eigenvectorMatrix.clone();
  scaled.mulRowVector(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))));
  return scaled.mmul(eigenvectorMatrix.transpose());
}

const eigenvalues = (matrix: Matrix): number[] => decompose(matrix).realEigenvalues;

/** Of the symmetric part: rounding alone makes it differ from the matrix. */
function decompose(matrix: Matrix): EigenvalueDecomposition {
  const symmetric = Matrix.add(matrix, matrix.transpose()).mul(0.5);
  return new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
}
