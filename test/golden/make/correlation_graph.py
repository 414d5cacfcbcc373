"""Golden correlations: numpy.cov with analytic weights over the sessions that both stocks have.

Run: /tmp/venv/bin/python test/golden/make/correlation_graph.py > test/golden/correlation-graph.json
"""

import json
import sys

import numpy as np

STOCKS, WINDOW, HALF_LIFE, SHRINKAGE, MIN_OVERLAP = 7, 20, 8, 0.1, 12
rng = np.random.default_rng(5)
common = rng.normal(size=WINDOW)
x = np.round(0.6 * common + rng.normal(size=(STOCKS, WINDOW)), 6)
x[3, 2:6] = np.nan
x[5, :9] = np.nan
x[6] = 0.25
w = 2.0 ** (-(WINDOW - 1 - np.arange(WINDOW)) / HALF_LIFE)

rho = [[None] * STOCKS for _ in range(STOCKS)]
for i in range(STOCKS):
    for j in range(STOCKS):
        both = ~np.isnan(x[i]) & ~np.isnan(x[j])
        if i == j or both.sum() < MIN_OVERLAP or 6 in (i, j):
            continue
        cov = np.cov(x[i, both], x[j, both], aweights=w[both], ddof=0)
        rho[i][j] = (1 - SHRINKAGE) * cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])

json.dump(
    {
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__},
        "call": "(1 - shrinkage) * corr of numpy.cov(x, y, aweights=2 ** (-age / halfLife), ddof=0) over common sessions",
        "window": WINDOW,
        "halfLife": HALF_LIFE,
        "shrinkage": SHRINKAGE,
        "minOverlap": MIN_OVERLAP,
        "returns": [[None if np.isnan(v) else v for v in row] for row in x.tolist()],
        "rho": rho,
    },
    sys.stdout,
)
