"""Golden values of the sector-cap family with pandas over test/golden/records/*.parquet (records-lake.ts writes them).

Run from the repository root: python test/golden/make/features_sector_cap.py
Weights are the market value at each stock's session before: its close × the shares of the last release known by then.
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
filed = pd.read_parquet(folder / "fins_summary.parquet")
filed = filed[filed.DocType.str.contains("FinancialStatements")]
filed["at"] = filed.DiscDate.astype(str) + filed.DiscTime
early = filed.DiscTime.astype(str).str[:5] < "15:00"
on = pd.to_datetime(filed.DiscDate)
filed["known"] = np.where(early, dates.searchsorted(on, side="left"), dates.searchsorted(on, side="right"))
number = {c: pd.to_numeric(filed[c], errors="coerce") for c in ("ShOutFY", "TrShFY")}
filed["shares"] = number["ShOutFY"] - number["TrShFY"].fillna(0)
filed = filed[filed.shares > 0].sort_values(["at"])
industry = pd.read_parquet(folder / "equities_master.parquet").drop_duplicates("Code").set_index("Code").S33
parts = []
for code, d in whole.groupby("code"):
    f = filed[filed.Code == code]
    splits = bars[bars.Code == code].set_index("Date").AdjFactor.fillna(1).cumprod()
    basis = [splits.asof(t) if t >= splits.index[0] else 1.0 for t in pd.to_datetime(f.DiscDate)]
    place = np.searchsorted(f.known.to_numpy(), d.session, side="right") - 1
    known = np.append(f.shares.to_numpy() * np.array(basis), np.nan)[place]
    age = d.session - np.append(f.known.to_numpy(), -1000)[place]
    d = d.assign(s33=industry[code], r5=d.price.pct_change(5))
    d["value"] = (d.price * np.where(age <= 180, known, np.nan)).shift(1)
    parts.append(d)
frame = pd.concat(parts).sort_values(["session", "code"]).reset_index(drop=True)
both = frame[frame.r.notna() & frame.value.notna()]
grouped = both.assign(product=both.r * both.value).groupby(["s33", "session"])
one = grouped["product"].sum() / grouped.value.sum()
table = {1: one.unstack("s33").reindex(range(len(dates)))}
for h in (5, 20):
    table[h] = np.expm1(np.log1p(table[1]).rolling(h).sum())
for h in table:
    long = table[h].stack(future_stack=True).rename(f"sec_ret_{h}d_mcap").reset_index()
    frame = frame.merge(long, on=["session", "s33"], how="left")
for h, own in ((1, "r"), (5, "r5")):
    frame[f"rel_to_sec_{h}d_mcap"] = frame[own] - frame[f"sec_ret_{h}d_mcap"]
frame = frame[["code", "session"] + [n for n in frame if "_mcap" in n]]
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
with open("test/golden/features-sector-cap.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
print({name: column["count"] for name, column in columns.items()})
