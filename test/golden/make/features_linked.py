"""Golden values of the linked-peers family with pandas over test/golden/records/*.parquet (records-lake.ts writes them).

Run from the repository root: python test/golden/make/features_linked.py
Links by correlation of returns over the day's mean, renewed each quarter; what the linked stocks did lately.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

folder = Path("test/golden/records")
bars = pd.read_parquet(folder / "equities_bars_daily.parquet").sort_values(["Code", "Date"])
bars["Date"] = pd.to_datetime(bars.Date)
dates = pd.DatetimeIndex(sorted(bars.Date.unique()))
bars["session"] = dates.get_indexer(bars.Date)
bars["price"] = bars.C / bars.AdjFactor.fillna(1).groupby(bars.Code).cumprod()
whole = bars[bars.C.notna()].rename(columns={"Code": "code"})
whole["r"] = whole.groupby("code").price.pct_change()
whole["x"] = whole.r - whole.groupby("session").r.transform("mean")
master = pd.read_parquet(folder / "equities_master.parquet")
industry_of = master.drop_duplicates("Code").set_index("Code").S33
everyday = range(len(dates))
x = whole.pivot(index="session", columns="code", values="x").reindex(everyday)
traded = whole.pivot(index="session", columns="code", values="C").reindex(everyday).notna().to_numpy()
names = list(x.columns)
industries = np.array([industry_of[c] for c in names])
place = {c: i for i, c in enumerate(names)}
ew = {}
for h in (1, 3):
    weight = 0.5 ** (np.arange(10 * h) / h)
    sums = sum(w * x.fillna(0).shift(age, fill_value=0) for age, w in enumerate(weight))
    seen = x.notna().rolling(10 * h, min_periods=1).sum()
    ew[h] = (sums / weight.sum()).where((seen >= h) & traded).to_numpy()

quarter, peers, rows = dates.year * 4 + dates.quarter, None, []
for s in everyday:
    if s >= 249 and quarter[s] != quarter[s - 1]:
        rho = 0.9 * x.iloc[s - 249 : s + 1].corr(min_periods=125)
        near = {c: rho[c].drop(c) for c in names}
        peers = {c: {p: v for p, v in near[c].items() if v >= 0.2} for c in names}
    here = [c for c in names if traded[s, place[c]]]
    own = {c: [p for p in peers[c] if p in here] for c in here} if peers else {}
    for c in here:
        r = {"code": c, "session": s}
        rows.append(r)
        if not peers:
            continue
        p, at = own[c], [place[other] for other in own[c]]
        r["linked_count"] = float(len(p))
        r["linked_corr_mean"] = np.mean([peers[c][other] for other in p]) if p else np.nan
        r["linked_in_count"] = float(sum(c in others for others in own.values()))
        r["linked_other_sector"] = np.mean(industries[at] != industries[place[c]]) if p else np.nan
        for h in (1, 3):
            values = ew[h][s, at]
            r[f"linked_ew_ret_hl{h}"] = np.nanmean(values) if (~np.isnan(values)).any() else np.nan
            r[f"ew_ret_vs_linked_hl{h}"] = ew[h][s, place[c]] - r[f"linked_ew_ret_hl{h}"]

frame = pd.DataFrame(rows).sort_values(["session", "code"])
columns = {}
for name in frame.columns[2:]:
    values = frame[name].to_numpy(float)
    known = values[~np.isnan(values)]
    columns[name] = {
        "count": int(len(known)),
        "sum": float(known.sum()),
        "magnitude": float(np.abs(known).sum()),
        "samples": [None if np.isnan(v) else float(f"{v:.9g}") for v in values[::97]],
    }
digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.parquet")))).hexdigest()
golden = {
    "versions": {"pandas": pd.__version__, "numpy": np.__version__},
    "call": "test/golden/make/features_linked.py over test/golden/records",
    "sha256": digest,
    "every": 97,
    "columns": columns,
}
with open("test/golden/features-linked.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
print({name: column["count"] for name, column in columns.items()})
