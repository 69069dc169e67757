"""Makes tests/goldens/metrics.json: metrics of small point sets as NumPy and SciPy compute them.

    pip install numpy scipy
    python3 tests/goldens/makeMetricGoldens.py > tests/goldens/metrics.json
"""

import json
import sys

import numpy
import scipy
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

generator = numpy.random.default_rng(7)


def points(count, width, shift=0.0, rank=None):
    mixing = generator.normal(size=(rank or width, width))
    return numpy.round(generator.normal(size=(count, rank or width)) @ mixing + shift, 3)


def frechet(a, b):
    between = ((a.mean(0) - b.mean(0)) ** 2).sum()
    covariances = numpy.cov(a, rowvar=False), numpy.cov(b, rowvar=False)
    return between + numpy.trace(sum(covariances) - 2 * sqrtm(covariances[0] @ covariances[1]).real)


def share_within(support, others, neighbours=3):
    radii = numpy.sort(cdist(support, support), axis=1)[:, neighbours]
    return (cdist(others, support) <= radii).any(axis=1).mean()


def frechet_case(a, b):
    return {"a": a.tolist(), "b": b.tolist(), "distance": frechet(a, b)}


def manifold_case(real, generated):
    return {
        "real": real.tolist(),
        "generated": generated.tolist(),
        "precision": share_within(real, generated),
        "recall": share_within(generated, real),
    }


def line_case(a, b):
    return {"a": a.tolist(), "b": b.tolist(), "distance": wasserstein_distance(a, b)}


json.dump(
    {
        "madeWith": f"numpy {numpy.__version__}, scipy {scipy.__version__}",
        "frechet": [
            frechet_case(points(40, 4), points(30, 4, 0.5)),
            # Fewer points than dimensions: singular covariances, as with few pictures.
            frechet_case(points(5, 6), points(6, 6)),
            frechet_case(points(20, 5, rank=2), points(20, 5, 1.0)),
        ],
        "precisionRecall": [manifold_case(points(30, 3), points(24, 3, 0.8))],
        "wasserstein1": [
            line_case(numpy.round(generator.normal(size=m), 3), numpy.round(generator.normal(1, 2, size=n), 3))
            for m, n in [(1, 1), (6, 6), (6, 9), (7, 5)]
        ],
    },
    sys.stdout,
)
