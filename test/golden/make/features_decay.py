"""Golden values of the decay family with pandas: node test/golden/make/dump-market.ts gives the data.

Run from the repository root: python test/golden/make/features_decay.py
Each window is written out: weights 0.5^(age / half-life), age in sessions of the market, ten half-lives.
"""

import hashlib
import io
import json
import subprocess

import numpy as np
import pandas as pd

run = ["node", "test/golden/make/dump-market.ts", "stocks"]
stocks_csv = subprocess.run(run, check=True, capture_output=True).stdout
stocks = pd.read_csv(io.BytesIO(stocks_csv))
traded = stocks[stocks.row >= 0].sort_values(["code", "session"]).copy()
traded["r"] = traded.groupby("code").close.pct_change()
traded["r"] -= traded.groupby("session").r.transform("mean")
sessions = range(600)


def wide(values):
    return traded.assign(v=values).pivot(index="session", columns="code", values="v").reindex(sessions)


def windowed(x, half_life, kind):
    """Over the last ten half-lives of sessions: weighted sum over all weights, or weighted mean of what is there."""
    length = int(np.ceil(10 * half_life))
    weight = 0.5 ** (np.arange(length)[::-1] / half_life)

    def one(window):
        there = ~np.isnan(window)
        if there.sum() < half_life:
            return np.nan
        total = (window[there] * weight[-len(window):][there]).sum()
        return total / (weight.sum() if kind == "sum" else weight[-len(window):][there].sum())

    return x.rolling(length, min_periods=0).apply(one, raw=True)


columns = {}
r = wide(traded.r)
for half_life, ending in ((1, "hl1"), (1.5, "hl1_5"), (3, "hl3"), (5, "hl5"), (10, "hl10"), (20, "hl20"), (40, "hl40")):
    columns[f"ew_ret_{ending}"] = windowed(r, half_life, "sum")
for name in ("turnover", "volume"):
    log = wide(np.log(traded[name]))
    columns[f"ew_{name}_4_35"] = windowed(log, 4, "mean") - windowed(log, 35, "mean")

frame = traded.set_index(["session", "code"])[["row"]]
for name, values in columns.items():
    frame[name] = values.stack(future_stack=True)


def score(name):
    day = frame.groupby("session")[name]
    return (frame[name] - day.transform("mean")) / day.transform("std")


for name, trend in (("x_ew_ret20_turnover", "ew_ret_hl20"), ("x_ew_ret1_5_turnover", "ew_ret_hl1_5")):
    frame[name] = np.tanh(2 * score(trend)) * np.tanh(2 * score("ew_turnover_4_35"))

frame = frame.set_index("row").sort_index()
golden = {
    "versions": {"numpy": np.__version__, "pandas": pd.__version__},
    "call": "test/golden/make/features_decay.py over test/golden/make/dump-market.ts",
    "sha256": hashlib.sha256(stocks_csv).hexdigest(),
    "parts": ["stocks"],
    "every": 97,
    "columns": {},
}
for name in frame:
    values = frame[name].to_numpy(float)
    known = values[~np.isnan(values)]
    golden["columns"][name] = {
        "count": int(len(known)),
        "sum": float(known.sum()),
        "magnitude": float(np.abs(known).sum()),
        "samples": [None if np.isnan(v) else float(f"{v:.9g}") for v in values[::97]],
    }
with open("test/golden/features-decay.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
print({name: column["count"] for name, column in golden["columns"].items()})
