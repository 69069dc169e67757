"""Makes the safetensors fixtures with the reference package, or checks a file that Stillroom wrote.

    pip install safetensors==0.8.0 numpy==2.4.6 ml_dtypes==0.6.0
    python tests/goldens/makeSafetensors.py                 # writes tests/goldens/safetensors/
    python tests/goldens/makeSafetensors.py check FILE      # reads FILE and prints what it holds
"""

import json
import pathlib
import sys

import ml_dtypes
import numpy as np
import safetensors
import safetensors.numpy

FOLDER = pathlib.Path(__file__).parent / "safetensors"


def save(name, arrays, metadata=None):
    (FOLDER / name).write_bytes(safetensors.numpy.save(arrays, metadata))


def make():
    FOLDER.mkdir(exist_ok=True)
    values = np.array([[1.0, -2.5, 3.25], [0.1, -0.0, 65504.0]], dtype=np.float32)
    save(
        "mixed.safetensors",
        {
            "weight": values,
            "half/ärm": values.astype(np.float16),
            "brain.\"quoted\"": values.astype(ml_dtypes.bfloat16),
            "double": values.astype(np.float64),
            "count": np.array(2**40 + 1, dtype=np.int64),
            "index": np.array([-1, 2, 3], dtype=np.int32),
            "bytes": np.array([0, 127, 255], dtype=np.uint8),
            "mask": np.array([True, False, True]),
            "empty": np.zeros((0, 4), dtype=np.float32),
        },
        {"format": "np"},
    )
    save("nothing.safetensors", {})

    rng = np.random.default_rng(7)
    ties = np.array([1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-8, 2**-25, 3 * 2**-25, 2**-24])
    edges = np.array([0, -0.0, np.inf, -np.inf, 65504, 65519.99, 65520, 1e-8, 6e-8, 6.09e-5, 2**-14, 3.4e38, 1e-40])
    spread = rng.standard_normal(2000) * 10.0 ** rng.uniform(-9, 6, 2000)
    inputs = np.concatenate([ties, -ties, edges, spread]).astype(np.float32)
    with np.errstate(over="ignore"):
        half = inputs.astype(np.float16)
    save("rounding.safetensors", {"f32": inputs, "f16": half, "bf16": inputs.astype(ml_dtypes.bfloat16)})
    seventh = np.arange(0, 2**16, 7, dtype=np.uint16)
    half = seventh[~np.isnan(seventh.view(np.float16))].view(np.float16)
    save("seventhHalf.safetensors", {"f16": half, "f32": half.astype(np.float32)})


def check(path):
    metadata, arrays = None, safetensors.deserialize(pathlib.Path(path).read_bytes())
    with safetensors.safe_open(path, framework="np") as file:
        metadata = file.metadata()
    described = {name: [array["dtype"], array["shape"], bytes(array["data"]).hex()[:32]] for name, array in arrays}
    print(json.dumps({"metadata": metadata, "arrays": described}, indent=1))


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1:2] == ["check"] else make()
