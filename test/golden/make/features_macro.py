"""Golden values of the macro family with pandas, over a series that the file itself holds.

Run from the repository root: python test/golden/make/features_macro.py
"""

import json

import numpy as np
import pandas as pd

rng = np.random.default_rng(5)
value = pd.Series(np.round(20 * np.exp(np.cumsum(0.03 * rng.standard_normal(320))), 4))
rate = pd.Series(np.round(np.cumsum(0.1 * rng.standard_normal(320)), 4))


def columns(v):
    change = v.diff()
    z = (v - v.rolling(252).mean()) / v.rolling(252).std()
    out = {f"change_{n}d": v.diff(n) for n in (1, 5, 20)}
    out |= {"vol_20d": change.rolling(20).std() * np.sqrt(252), "z_252": z}
    return {n: [None if np.isnan(x) else float(f"{x:.10g}") for x in c[::7]] for n, c in out.items()}


golden = {
    "versions": {"pandas": pd.__version__, "numpy": np.__version__},
    "call": "Series.diff, rolling.std, (x - rolling.mean) / rolling.std; ln of vix, us10y as it is",
    "every": 7,
    "vix": {"values": value.tolist(), "columns": columns(np.log(value))},
    "us10y": {"values": rate.tolist(), "columns": columns(rate)},
}
with open("test/golden/features-macro.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
