"""
Philox 4×32-10 (Salmon et al. 2011) and the engine's streams on it: see engine/tensor/random.ts for their layout,
which checkpoints depend on and therefore never changes.
"""

import math

import numpy as np

MASK = 0xFFFFFFFF


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & MASK, (a >> 32) ^ c[3] ^ k[1], a & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


PURPOSES = dict(
    initialization=0, dataOrder=1, noise=2, timestep=3, dropout=4, simulation=5, renoiseDM=6, renoiseCA=7,
    fakeNoise=8, fakeTimestep=9, fakeRenoise=10, sample=11, condition=12, data=13,
    discriminate=14, discriminatorUpdate=15,
)  # fmt: skip


def signed(word):
    return word - (1 << 32) if word >= 1 << 31 else word


def seeds(seed, purpose, step, index=0):
    """The pair of int32 that names a draw."""
    words = philox((step, index, PURPOSES[purpose], 0x57111), (seed, 0x0D157111))
    return signed(words[0]), signed(words[1])


def words(pair, count):
    """Uint32s of TensorFlow's stateless operations: the pair, sign-extended to 64 bits, is scrambled into key and counter."""
    a, b = (v & 0xFFFFFFFFFFFFFFFF for v in pair)
    k0, k1, h0, h1 = philox((a & MASK, a >> 32, b & MASK, b >> 32), (0x3EC8F720, 0x02461E29))
    blocks = [philox((i, 0, h0, h1), (k0, k1)) for i in range(-(-count // 4))]
    return [word for block in blocks for word in block][:count]


def uniform(count, **key):
    return np.array([(w & 0x7FFFFF) / 2**23 for w in words(seeds(**key), count)])


def normal(count, **key):
    draws = words(seeds(**key), -(-count // 4) * 4)
    values = []
    for u, v in zip(draws[::2], draws[1::2]):
        radius = math.sqrt(-2 * math.log(max((u & 0x7FFFFF) / 2**23, 1e-7)))
        angle = 2 * math.pi * (v & 0x7FFFFF) / 2**23
        values += [radius * math.sin(angle), radius * math.cos(angle)]
    return np.array(values[:count])
