"""Golden values of src/evaluate/compare.ts from the PyPI package dieboldmariano (squared-error loss, Harvey correction).
Usage: python diebold_mariano.py > ../diebold-mariano.json"""

import importlib.metadata
import json
import sys

import numpy as np
from dieboldmariano import dm_test

rng = np.random.default_rng(11)
cases = []
for n, horizon in [(40, 1), (250, 1), (250, 5), (120, 20)]:
    truth = rng.normal(size=n)
    left = truth + rng.normal(size=n) * 0.9
    right = truth + rng.normal(size=n)
    statistic, p_value = dm_test(
        truth.tolist(), left.tolist(), right.tolist(), h=horizon, one_sided=False, variance_estimator="acf"
    )
    differences = (truth - left) ** 2 - (truth - right) ** 2
    cases.append(
        {
            "horizon": horizon,
            "differences": differences.tolist(),
            "statistic": float(statistic),
            "pValue": float(p_value),
        }
    )
json.dump(
    {
        "versions": {
            "dieboldmariano": importlib.metadata.version("dieboldmariano"),
            "numpy": np.__version__,
        },
        "cases": cases,
    },
    sys.stdout,
)
