"""Golden values of the families that join records, with pandas over test/golden/records/*.parquet (records-lake.ts writes them).

Run from the repository root: python test/golden/make/features_records.py
Availability is worked out from the publication rules, not read from the files. Every 97th row's value is kept.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

folder = Path("test/golden/records")
lake = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def day(x):
    return (pd.to_datetime(x) - pd.Timestamp("1970-01-01")).dt.days.astype(float)


bars = lake["equities_bars_daily"].assign(Date=lambda t: day(t.Date))
sessions = np.array(sorted(bars.Date.unique()))
calendar = lake["markets_calendar"].assign(Date=lambda t: day(t.Date)).sort_values("Date")
calendar["number"] = calendar.HolDiv.isin(["1", "2"]).cumsum().astype(float)
number = calendar.set_index("Date").number
TODAY = number.reindex(sessions).to_numpy()


def after_close(days):
    return np.searchsorted(sessions, np.asarray(days, float), side="right")


def at_time(days, times):
    early = np.array([str(t)[:5] < "15:00" for t in times])
    days = np.asarray(days, float)
    return np.where(early, np.searchsorted(sessions, days, side="left"), after_close(days))


def div(a, b):
    a, b = pd.Series(a, dtype=float), pd.Series(b, dtype=float)
    return a / b.where(b.abs() >= 1e-12)


def z(x, n, least=None):
    r = pd.Series(x).rolling(n, min_periods=least or n)
    s = r.std()
    constant = r.max() == r.min()
    return ((pd.Series(x) - r.mean()) / s.mask(constant)).where(~constant)


def when(condition, *needed):
    out = pd.Series(condition).astype(float)
    for x in needed:
        out = out.where(pd.Series(x).notna())
    return out


# Rows of the dataset: one frame a code over its own traded sessions.
stocks = {}
for code, d in bars.groupby("Code"):
    d = d.sort_values("Date").reset_index(drop=True)
    d["basis"] = d.AdjFactor.fillna(1).cumprod()
    d["session"] = np.searchsorted(sessions, d.Date)
    d = d[d.C.notna()].reset_index(drop=True)
    d["close"], d["volume"] = d.C / d.basis, d.Vo * d.basis
    d["adv20"] = d.volume.rolling(20).mean()
    stocks[code] = d
F = {code: {} for code in stocks}
basis_of = {}
for code, d in bars.sort_values("Date").groupby("Code"):
    basis_of[code] = (d.Date.to_numpy(), d.AdjFactor.fillna(1).cumprod().to_numpy())


def basis(code, days):
    dates, factor = basis_of[code]
    place = np.searchsorted(dates, np.asarray(days, float), side="right") - 1
    return np.where(place >= 0, factor[np.maximum(place, 0)], 1.0)


def asof(session, values, own, max_age, kind="value"):
    """Last record at or before each session; `since` its age; `impulse` whether one came since the row before."""
    session, values = np.asarray(session), np.asarray(values, float)
    place = np.searchsorted(session, own, side="right") - 1
    if kind == "impulse":
        before = np.concatenate([[-1], place[:-1]])
        return (place > before).astype(float)
    if len(session) == 0:
        return np.full(len(own), np.nan)
    age = np.where(place >= 0, own - session[np.maximum(place, 0)], np.inf)
    found = age if kind == "since" else values[np.maximum(place, 0)]
    return np.where(age <= max_age, found, np.nan)


def versions(t, key):
    """For each record: the last known rows of all days up to then, by day."""
    for i in range(len(t)):
        yield t.iloc[: i + 1].drop_duplicates(key, keep="last").sort_values(key).reset_index(drop=True)


def per_record(t, key, compute):
    """Last value of each column of `compute` over what was known at each record."""
    out = [compute(known).iloc[-1] for known in versions(t, key)]
    return pd.DataFrame(out).reset_index(drop=True) if out else pd.DataFrame()


def put(code, table, session, max_age, names=None):
    own = stocks[code].session.to_numpy()
    for name in names or table.columns:
        F[code][name] = asof(session, table[name] if len(table) else [], own, max_age)


def spread(series, groups):
    """A series of each group over all sessions, to rows by the group of each row."""
    for code, d in stocks.items():
        keys = groups[code]
        for name, table in series.items():
            F[code][name] = np.array([table[k][s] if k in table else np.nan for k, s in zip(keys, d.session)])


# Market section and sector of each row.
master = lake["equities_master"].assign(Date=lambda t: day(t.Date))
markets = {"0101": "TSE1st", "0102": "TSE2nd", "0104": "TSEMothers", "0106": "TSEJASDAQ", "0107": "TSEJASDAQ"}
markets |= {"0111": "TSEPrime", "0112": "TSEStandard", "0113": "TSEGrowth"}
section, sector = {}, {}
for code, d in stocks.items():
    m = master[master.Code == code].sort_values("Date")
    m = pd.merge_asof(d[["Date"]], m[["Date", "Mkt", "S33"]], on="Date")
    section[code], sector[code] = m.Mkt.map(markets).to_list(), m.S33.to_list()


def flow():
    t = lake["equities_investor_types"].copy()
    t["day"], t["session"] = day(t.EnDate), after_close(day(t.PubDate))
    heirs = {"TSEPrime": ["TSE1st"], "TSEStandard": ["TSE2nd", "TSEJASDAQ"], "TSEGrowth": ["TSEMothers"]}
    numbers = [c for c in t.columns if c.endswith(("Bal", "Tot"))]
    series = {}
    for name in set(markets.values()):
        own = t[t.Section == name]
        if name in heirs:
            old = t[t.Section.isin(heirs[name])].groupby(["PubDate", "day", "session"])[numbers]
            whole = old.sum()[old.size() == len(heirs[name])].reset_index()
            own = pd.concat([whole, own])
        own = own.sort_values(["session", "day"]).reset_index(drop=True)
        if len(own) == 0:
            continue

        def compute(k):
            f = pd.DataFrame()
            f["flow_foreign_net_ratio"] = k.FrgnBal / k.FrgnTot
            f["flow_individual_net_ratio"] = k.IndBal / k.IndTot
            f["flow_foreign_share"] = k.FrgnTot / k.TotTot
            kinds = ["Frgn", "Ind", "TrstBnk", "InvTr", "Prop", "Brk"]
            f["flow_breadth_pos"] = (k[[f"{x}Bal" for x in kinds]] > 0).mean(axis=1)
            f["flow_foreign_net_z"], f["flow_individual_net_z"] = z(k.FrgnBal, 52), z(k.IndBal, 52)
            f["flow_activity_z"] = z(k.TotTot, 52)
            f["flow_activity_ratio"] = k.TotTot / k.TotTot.rolling(52).mean()
            f["flow_smart_idx"] = f.flow_foreign_net_z - f.flow_individual_net_z
            f["flow_smart_mom4"] = f.flow_smart_idx - f.flow_smart_idx.rolling(4).mean()
            return f.iloc[-1:]

        f = per_record(own, "day", compute)
        idx, act = f.flow_smart_idx, f.flow_activity_z
        f["flow_shock_flag"], f["flow_smart_pos"] = when(idx.abs() >= 2, idx), when(idx > 0, idx)
        f["flow_activity_high"], f["flow_activity_low"] = when(act > 1, act), when(act < -1, act)
        f["flow_foreign_net_pos"] = when(f.flow_foreign_net_ratio > 0, f.flow_foreign_net_ratio)
        everyday = np.arange(len(sessions))
        for column in f:
            series.setdefault(column, {})[name] = asof(own.session, f[column], everyday, 15)
        for column, kind in (("flow_impulse", "impulse"), ("flow_days_since", "since")):
            series.setdefault(column, {})[name] = asof(own.session, own.TotTot, everyday, 15, kind)
        series.setdefault("is_flow_valid", {})[name] = 1.0 - np.isnan(series["flow_smart_idx"][name])
    spread(series, section)


def margin(code, d, f):
    t = lake["markets_margin_interest"].query("Code == @code").copy()
    t["day"] = day(t.Date)
    t = t.sort_values("day").reset_index(drop=True)
    place = np.searchsorted(sessions, t.day, side="left") + 3
    b = basis(code, t.day)
    L, S = t.LongVol * b, t.ShrtVol * b
    r = pd.DataFrame()
    r["margin_credit_ratio"], r["margin_imbalance"] = div(L, S), div(L - S, L + S)
    for kind, column in (("std", "Std"), ("neg", "Neg")):
        r[f"margin_{kind}_share_long"] = div(t[f"Long{column}Vol"], t.LongVol)
        r[f"margin_{kind}_share_short"] = div(t[f"Shrt{column}Vol"], t.ShrtVol)
    r["margin_d_ratio_wow"] = div(L, S).diff()
    r["margin_gross_mom4"] = (L + S) / (L + S).rolling(4).mean() - 1
    r["long_z52"], r["short_z52"], r["margin_gross_z52"], r["ratio_z52"] = z(L, 52), z(S, 52), z(L + S, 52), z(div(L, S), 52)
    r["margin_issue_type"] = t.IssType.astype(float)
    put(code, r, place, 15)
    base = pd.DataFrame({"L": L, "S": S, "N": L - S, "G": L + S, "dL": L.diff(), "dS": S.diff(), "dN": (L - S).diff()})
    own = d.session.to_numpy()
    base = pd.DataFrame({n: asof(place, base[n], own, 15) for n in base})
    names = {"margin_long_tot": "L", "margin_short_tot": "S", "margin_net": "N", "margin_total_gross": "G"}
    names |= {"margin_d_long_wow": "dL", "margin_d_short_wow": "dS", "margin_d_net_wow": "dN"}
    for name, n in names.items():
        f[name] = base[n] / d.basis
    f["margin_long_to_adv20"], f["margin_short_to_adv20"] = base.L / d.adv20, base.S / d.adv20
    f["margin_d_long_to_adv20"], f["margin_d_short_to_adv20"] = base.dL / (5 * d.adv20), base.dS / (5 * d.adv20)
    f["margin_impulse"] = asof(place, L, own, 15, "impulse")
    f["margin_days_since"] = asof(place, L, own, 15, "since")
    f["is_margin_valid"] = base.L.notna().astype(float)
    f["is_borrowable"] = when(pd.Series(f["margin_issue_type"]) == 2, f["margin_issue_type"])


REASONS = ["Restricted", "DailyPublication", "Monitoring", "RestrictedByJSF", "PrecautionByJSF", "UnclearOrSecOnAlert"]


def daily_margin(code, d, f):
    t = lake["markets_margin_alert"].query("Code == @code").copy()
    t["day"], t["session"] = day(t.AppDate), after_close(day(t.PubDate))
    t = t.sort_values(["session", "day"]).reset_index(drop=True)
    own = d.session.to_numpy()
    b = basis(code, t.day)
    for c in ("LongOut", "ShrtOut"):
        t[c + "B"] = t[c] * b

    def compute(k):
        L, S = k.LongOutB, k.ShrtOutB
        gap = k.day.diff() > 7
        r = pd.DataFrame()
        r["L"], r["S"], r["N"], r["T"] = L, S, L - S, L + S
        for name, x in (("dL", L), ("dS", S), ("dN", L - S), ("dmi_d_ratio_1d", div(L, S))):
            r[name] = x.diff().mask(gap)
        r["dmi_credit_ratio"], r["dmi_imbalance"] = div(L, S), div(L - S, L + S)
        r["dmi_short_long_ratio"] = (k.SLRatio / 100).fillna(div(S, L))
        for kind, column in (("std", "Std"), ("neg", "Neg")):
            r[f"dmi_{kind}_share_long"] = div(k[f"Long{column}Out"], k.LongOut)
            r[f"dmi_{kind}_share_short"] = div(k[f"Shrt{column}Out"], k.ShrtOut)
        r["dmi_z26_short"], r["dmi_z26_long"], r["dmi_z26_total"] = z(S, 26), z(L, 26), z(L + S, 26)
        r["dmi_z26_d_short_1d"] = z(r.dS, 26)
        for name in REASONS:
            r[f"dmi_reason_{name.lower()}"] = k[f"PubReason.{name}"].astype(float)
        r["dmi_reason_count"] = r[[f"dmi_reason_{name.lower()}" for name in REASONS]].sum(axis=1)
        r["dmi_tse_reg_level"] = k.TSEMrgnRegCls.map({"003": 1.0, "004": 2.0, "005": 3.0, "006": 4.0}).fillna(0.0)
        r["app"] = k.day
        return r

    r = per_record(t, "day", compute)
    if len(r) == 0:
        r = pd.DataFrame(columns=list(compute(t).columns), dtype=float)
    g = pd.DataFrame({n: asof(t.session, r[n], own, 10) for n in r})
    for n in g:
        if n.startswith("dmi_"):
            f[n] = g[n]
    names = {"dmi_long": "L", "dmi_short": "S", "dmi_net": "N", "dmi_total": "T"}
    names |= {"dmi_d_long_1d": "dL", "dmi_d_short_1d": "dS", "dmi_d_net_1d": "dN"}
    for name, n in names.items():
        f[name] = g[n] / d.basis
    scaled = {"dmi_long_to_adv20": "L", "dmi_short_to_adv20": "S", "dmi_total_to_adv20": "T"}
    scaled |= {"dmi_d_long_to_adv1d": "dL", "dmi_d_short_to_adv1d": "dS", "dmi_d_net_to_adv1d": "dN"}
    for name, n in scaled.items():
        f[name] = g[n] / d.adv20
    f["dmi_impulse"] = asof(t.session, t.LongOut, own, 10, "impulse")
    f["dmi_days_since_pub"] = asof(t.session, t.LongOut, own, 10, "since")
    f["dmi_days_since_app"] = d.Date - g.app
    f["is_dmi_valid"] = g.L.notna().astype(float)


def short_positions(code, d, f):
    t = lake["markets_short_sale_report"].query("Code == @code").copy()
    t["session"], t["calc"] = after_close(day(t.DiscDate)), day(t.CalcDate)
    t["who"] = t.SSName.fillna("") + "|" + t.DICName.fillna("") + "|" + t.FundName.fillna("")
    t["shares"] = t.ShrtPosShares * basis(code, t.calc)
    own = d.session.to_numpy()
    rows = []
    for s in own:
        k = t[t.session <= s].sort_values("calc", kind="stable").drop_duplicates("who", keep="last")
        fresh = len(t[t.session <= s]) > 0 and s - t[t.session <= s].session.max() <= 250
        k = k[k.ShrtPosToSO >= 0.005]
        values = [len(k), k.ShrtPosToSO.sum(), k.ShrtPosToSO.max() if len(k) else 0.0, k.shares.sum()]
        rows.append(values if fresh else [np.nan] * 4)
    r = pd.DataFrame(rows, columns=["n", "ratio", "top", "shares"], dtype=float)
    f["ss_reporters"], f["ss_ratio"], f["ss_ratio_max"] = r.n, r.ratio, r.top
    session = np.sort(t.session)
    f["ss_impulse"] = asof(session, session, own, 250, "impulse")
    f["ss_days_since"] = asof(session, session, own, 250, "since")
    for h in (1, 5, 10, 20):
        f[f"ss_ratio_d{h}"] = r.ratio.diff(h)
    for w in (5, 20):
        f[f"ss_ratio_ma{w}"] = r.ratio.rolling(w).mean()
    f["ss_ratio_z252"] = z(r.ratio, 252, 60)
    high = r.ratio.rolling(252, min_periods=60).quantile(0.95)
    f["ss_extreme_high"] = when(r.ratio > high, r.ratio, high)
    f["ss_shares_to_adv20"] = r.shares / d.adv20
    f["is_ss_valid"] = r.ratio.notna().astype(float)


def sector_shorts():
    t = lake["markets_short_ratio"].assign(Date=lambda t: day(t.Date))
    t = t.set_index(["Date", "S33"])[["SellExShortVa", "ShrtWithResVa", "ShrtNoResVa"]].unstack()
    sell, held, free = t.SellExShortVa, t.ShrtWithResVa, t.ShrtNoResVa
    short = held + free
    share = (short / (sell + short)).where(sell + short > 0)
    high, days = {}, {}
    for name in share:
        x = share[name].dropna()
        high[name] = x.rolling(252, min_periods=1).quantile(0.8).shift(1)
        days[name] = x.rolling(252, min_periods=1).count().shift(1)
    ready = pd.DataFrame(days).reindex(share.index) >= 60
    above = (share > pd.DataFrame(high).reindex(share.index)) & ready
    breadth = above.sum(axis=1) / ready.sum(axis=1).where(lambda n: n > 0)
    everyday = np.arange(len(sessions))

    def daily(x):
        x = x[~lacks] if (lacks := x.index.isin(absent)).any() else x
        return pd.Series(asof(after_close(x.index), x, everyday, 5))

    absent = []

    every = {}
    market = {
        "ss_mkt_short_share": daily(short.sum(axis=1) / (sell + short).sum(axis=1)),
        "ss_mkt_restrict_share": daily(held.sum(axis=1) / short.sum(axis=1)),
        "ss_mkt_short_breadth_q80": daily(breadth),
    }
    for s in share:
        absent = short.index[short[s].isna()]
        a, b, turnover = daily(share[s]), daily((held[s] / short[s]).where(short[s] > 0)), daily(short[s])
        f = {"ss_sec33_short_turnover": turnover, "ss_sec33_short_share": a, "ss_sec33_restrict_share": b}
        f["ss_sec33_short_share_d1"], f["ss_sec33_restrict_share_d1"] = a.diff(), b.diff()
        f["ss_sec33_short_mom5"], f["ss_sec33_short_accel"] = a - a.rolling(5).mean(), a.diff().diff()
        f["ss_sec33_short_share_z60"], f["ss_sec33_short_turnover_z252"] = z(a, 60), z(turnover, 252)
        f["ss_rel_short_share"] = a - market["ss_mkt_short_share"]
        f["ss_rel_restrict_share"] = b - market["ss_mkt_restrict_share"]
        f["is_ss_sec33_valid"] = a.notna().astype(float)
        for name, x in f.items():
            every.setdefault(name, {})[s] = x.to_numpy()
    spread(every, sector)
    for code, d in stocks.items():
        for name, x in market.items():
            F[code][name] = x.to_numpy()[d.session]
        score = F[code]["ss_sec33_short_share_z60"]
        r1, r5 = d.close.pct_change(), d.close.pct_change(5)
        F[code]["ss_cond_pressure"] = when((r1 < 0) & (score > 1), r1, score)
        F[code]["ss_squeeze_setup"] = when((r5 > 0) & (score > 1), r5, score)


def to_all(name, series):
    for code, d in stocks.items():
        F[code][name] = np.asarray(series, float)[d.session]


def options():
    t = lake["derivatives_bars_daily_options_225"].copy()
    t["Date"], t["tau"] = day(t.Date), day(t.LTD) - day(t.Date)
    t = t[(t.tau > 0) & (t.UnderPx > 0)].sort_values("EmMrgnTrgDiv").drop_duplicates(["Date", "Code"], keep="last")
    t["iv"] = t.IV.where(t.IV != 0) / 100
    t["m"] = t.Strike / t.UnderPx
    rows = []
    for date, k in t.groupby("Date"):
        r = {"Date": date}
        terms = k.groupby("tau").iv.median().dropna()
        for days in (30, 60):
            ok = len(terms) and terms.index.min() <= days <= terms.index.max()
            r[f"opt_iv_cmat_{days}d"] = np.interp(days, terms.index, terms) if ok else np.nan
        expiries = sorted(k.tau.unique())
        near, second = k[k.tau == expiries[0]], k[k.tau == expiries[1]]

        def atm(x):
            return x.iv[np.log(x.m).abs() < 0.01].median()

        r["opt_iv_atm_median"], r["opt_iv_atm_near"], r["opt_iv_atm_next"] = atm(k), atm(near), atm(second)
        puts, calls = near[near.PCDiv == "1"], near[near.PCDiv == "2"]
        r["opt_skew_5pct"] = puts.iv[puts.m.between(0.93, 0.97)].median() - calls.iv[calls.m.between(1.03, 1.07)].median()
        inside = (1 / near.m - 1).abs() <= 0.1
        r["opt_smile_width"] = near.iv[inside].std()
        r["opt_oi_put_call_ratio"] = near.OI[inside & (near.PCDiv == "1")].sum() / near.OI[inside & (near.PCDiv == "2")].sum()
        r["opt_oi_sum"], r["opt_vol_sum"], r["opt_dollar_vol_sum"] = k.OI.sum(), k.Vo.sum(), k.Va.sum()
        rows.append(r)
    r = pd.DataFrame(rows)
    known = after_close(r.Date)
    everyday = np.arange(len(sessions))
    s = {n: pd.Series(asof(known, r[n], everyday, 5)) for n in r if n != "Date"}
    s["opt_term_slope_30_60"] = s["opt_iv_cmat_60d"] - s["opt_iv_cmat_30d"]
    s["opt_ts_slope"] = s["opt_iv_atm_next"] - s["opt_iv_atm_near"]
    s["opt_iv_shock"] = z(s["opt_iv_atm_near"], 20, 5)
    s["is_opt_mkt_valid"] = s["opt_iv_atm_near"].notna().astype(float)
    for name, x in s.items():
        to_all(name, x)


def futures():
    t = lake["derivatives_bars_daily_futures"].copy()
    t["Date"] = day(t.Date)
    t["emergency"] = (t.EmMrgnTrgDiv == "001").groupby([t.Date, t.Code]).transform("max").astype(float)
    t = t.sort_values("EmMrgnTrgDiv").drop_duplicates(["Date", "Code"], keep="last").sort_values(["Code", "Date"])
    for c in ("AC", "C", "OI"):
        t[c + "1"] = t.groupby("Code")[c].shift(1)
    topix = lake["indices_bars_daily_topix"].assign(Date=lambda t: day(t.Date)).set_index("Date").C
    reit = lake["indices_bars_daily"].assign(Date=lambda t: day(t.Date)).set_index("Date").C
    nikkei = lake["derivatives_bars_daily_options_225"].assign(Date=lambda t: day(t.Date)).groupby("Date").UnderPx.max()
    everyday = np.arange(len(sessions))
    for category, spot in (("TOPIXF", topix), ("NK225F", nikkei), ("JN400F", pd.Series(dtype=float)), ("REITF", reit)):
        k = t[(t.ProdCat == category) & (t.CCMFlag == "1")].sort_values("Date").reset_index(drop=True)
        for c in ("EH", "EL", "EC"):
            k[c] = pd.to_numeric(k[c], errors="coerce")
        known = after_close(k.Date)
        S = pd.Series(spot.reindex(k.Date).to_numpy())
        left = day(k.SQD) - k.Date
        up, more = k.C - k.C1, k.OI - k.OI1
        f = {"fut_on_ret": k.EC / k.AC1 - 1, "fut_on_range": np.log(k.EH / k.EL), "fut_emergency_flag": k.emergency}
        f |= {"fut_day_ret": k.AC / k.EC - 1, "fut_whole_ret": k.C / k.O - 1, "basis_close": k.AC / S - 1}
        f |= {"carry_per_day": (k.AC / S - 1) / left.clip(lower=1), "ttm_days": left, "fut_oi": k.OI}
        f |= {"fut_oi_delta": more, "fut_vol": k.Vo, "fut_whole_ret_cont": k.C / k.C1 - 1}
        f["fut_roll_flag"] = when(k.CM != k.CM.shift(1), k.CM.shift(1))
        for name, a, b in (("up_oi_up", 1, 1), ("up_oi_dn", 1, -1), ("dn_oi_up", -1, 1), ("dn_oi_dn", -1, -1)):
            f[f"price_{name}"] = when((up * a > 0) & (more * b > 0), up, more)
        s = {n: pd.Series(asof(known, x, everyday, 5)) for n, x in f.items()}
        s["fut_on_z"] = z(s["fut_on_ret"], 60)
        for n in ("basis_close", "fut_oi", "fut_vol"):
            s[f"{n}_z252"] = z(s[n], 252)
        s["is_fut_on_valid"] = s["fut_on_ret"].notna().astype(float)
        s["is_fut_eod_valid"] = s["fut_whole_ret"].notna().astype(float)
        unknown = {"basis_close", "carry_per_day", "basis_close_z252"} if len(spot) == 0 else set()
        for n, x in s.items():
            if n not in unknown:
                to_all(f"{n}_{category.lower()}", x)


def breakdown(code, d, f):
    t = lake["markets_breakdown"].query("Code == @code").assign(Date=lambda t: day(t.Date)).sort_values("Date")
    own, known = d.session.to_numpy(), after_close(t.Date)
    x = pd.DataFrame({c: asof(known, t[c], own, 5) for c in t if c.endswith("Va")})
    f["bd_total_buy"] = x.LongBuyVa + x.MrgnBuyNewVa + x.MrgnBuyCloseVa
    f["bd_total_sell"] = x.LongSellVa + x.ShrtNoMrgnVa + x.MrgnSellNewVa + x.MrgnSellCloseVa
    f["bd_credit_new_net"], f["bd_credit_close_net"] = x.MrgnBuyNewVa - x.MrgnSellNewVa, x.MrgnBuyCloseVa - x.MrgnSellCloseVa
    f["bd_net_value"] = x.LongBuyVa - x.LongSellVa
    f["bd_net_ratio"] = div(f["bd_net_value"], x.LongBuyVa + x.LongSellVa)
    f["bd_short_share"] = div(x.ShrtNoMrgnVa + x.MrgnSellNewVa, f["bd_total_sell"])
    f["bd_net_z_52"], f["bd_short_z_52"] = z(f["bd_net_ratio"], 260, 20), z(f["bd_short_share"], 260, 20)
    f["bd_activity_ratio"] = div(f["bd_total_sell"], f["bd_total_sell"].rolling(20).mean())
    f["is_bd_valid"] = f["bd_total_sell"].notna().astype(float)


def months(x):
    x = pd.to_datetime(x)
    return x.dt.year * 12 + x.dt.month


def numbers(t, *columns):
    out = pd.Series(np.nan, index=t.index)
    for c in columns:
        out = out.fillna(pd.to_numeric(t[c], errors="coerce"))
    return out


def clip(a, b):
    return float(np.clip(a / b, -100, 100)) if pd.notna(b) and abs(b) >= 1e-12 else np.nan


AMOUNTS = {"sales": ("Sales", "NCSales"), "op": ("OP", "NCOP"), "np": ("NP", "NCNP"), "owned": ("Eq", "NCEq"), "ta": ("TA", "NCTA")}
THIS = {"op": ("FOP", "FNCOP"), "np": ("FNP", "FNCNP"), "eps": ("FEPS", "FNCEPS"), "div": ("FDivAnn",)}
NEXT = {"op": ("NxFOP", "NxFNCOP"), "np": ("NxFNp", "NxFNCNP"), "eps": ("NxFEPS", "NxFNCEPS"), "div": ("NxFDivAnn",)}
QUARTERS = {"1Q": 1, "2Q": 2, "3Q": 3, "FY": 4, "4Q": 4}


def summary(code):
    t = lake["fins_summary"].query("Code == @code").copy()
    t["session"], t["disc"] = at_time(day(t.DiscDate), t.DiscTime), day(t.DiscDate)
    t["instant"] = t.DiscDate.astype(str) + t.DiscTime
    t["release"] = t.DocType.str.contains("FinancialStatements").astype(int)
    t["quarter"], t["period"] = t.CurPerType.map(QUARTERS), months(t.CurPerEn)
    t["fy"], t["next"] = months(t.CurFYEn), months(t.NxtFYEn)
    for n, c in AMOUNTS.items():
        t[n] = numbers(t, *c)
    for n in THIS:
        t["f_" + n], t["n_" + n] = numbers(t, *THIS[n]), numbers(t, *NEXT[n])
    for n, c in (("est", "ChgAcEst"), ("std", "ChgByASRev"), ("retro", "RetroRst")):
        t[n] = t[c].astype(str).str.lower().map({"true": 1.0, "false": 0.0})
    t["shares"] = (numbers(t, "ShOutFY") - numbers(t, "TrShFY").fillna(0)) * basis(code, t.disc)
    return t.sort_values(["instant", "release"]).reset_index(drop=True)


def forecasts(t):
    """Every forecast as (record, session, fiscal year, figure, value), oldest first."""
    out = []
    for i, r in t.iterrows():
        for prefix, year in (("f_", r.fy), ("n_", r.next)):
            for n in THIS:
                if pd.notna(r[prefix + n]) and pd.notna(year):
                    out.append((i, r.session, year, n, r[prefix + n]))
    return pd.DataFrame(out, columns=["i", "session", "year", "figure", "value"])


def revision(said, figure, i):
    """Change of the figure by the last record up to i that forecast it, against what was known before its session."""
    k = said[said.i <= i]
    mine = k[k.figure == figure]
    if len(mine) == 0:
        return np.nan
    year, session = mine.year.iloc[-1], mine.session.iloc[-1]

    def last(name, before):
        x = k[(k.figure == name) & (k.year == year) & (k.i <= last_i)]
        x = x[x.session < session] if before else x
        return x.value.iloc[-1] if len(x) else np.nan

    together = k[(k.session == session) & (k.year == year)]
    last_i = together.i.max()
    scale = 1.0
    if figure in ("eps", "div") and {"np", "eps"} <= set(together.figure):
        change = (last("np", False) / last("eps", False)) / (last("np", True) / last("eps", True))
        if change >= 1.25 or 0 < change <= 0.8:
            scale = 1 / change
    before = last(figure, True) * scale
    return clip(last(figure, False) - before, abs(before)) if pd.notna(before) else np.nan


def statements(code, d, f):
    t, own = summary(code), d.session.to_numpy()
    said = forecasts(t)
    rows = []
    for i in range(len(t)):
        k = t.iloc[: i + 1]
        r = {f"stmt_{n}": revision(said, x, i) for n, x in (("rev_fore_op", "op"), ("rev_fore_np", "np"), ("rev_fore_eps", "eps"), ("rev_div_fore", "div"))}
        releases = k[k.release == 1].drop_duplicates(["quarter", "period"], keep="last")
        if len(releases):
            c = releases[releases.period == releases.period.max()].iloc[-1]
            c = k[(k.release == 1) & (k.period == releases.period.max())].iloc[-1]
            p = releases[(releases.quarter == c.quarter) & (releases.period == c.period - 12)]
            for n, x in (("sales", "sales"), ("op", "op"), ("np", "np")):
                before = p[x].iloc[-1] if len(p) else np.nan
                r[f"stmt_yoy_{n}"] = clip(c[x] - before, abs(before))
            r["stmt_opm"], r["stmt_npm"] = clip(c.op, c.sales), clip(c.np, c.sales)
            r["stmt_roe"], r["stmt_roa"] = clip(c["np"], c.owned), clip(c["np"], c.ta)
            for n in ("op", "np"):
                x = said[(said.i <= i) & (said.figure == n) & (said.year == c.fy)]
                r[f"stmt_progress_{n}"] = clip(c[n], x.value.iloc[-1]) if len(x) else np.nan
            r["stmt_change_in_est"] = c.est
            r["stmt_nc_flag"] = np.nanmax([c["std"], c.retro]) if pd.notna(c["std"]) or pd.notna(c.retro) else np.nan
            shares = k[(k.release == 1) & (k.shares > 0)].shares
            r["shares"] = shares.iloc[-1] if len(shares) else np.nan
        rows.append(r)
    names = ["yoy_sales", "yoy_op", "yoy_np", "opm", "npm", "roe", "roa", "progress_op", "progress_np"]
    names += ["rev_fore_op", "rev_fore_np", "rev_fore_eps", "rev_div_fore", "change_in_est", "nc_flag"]
    r = pd.DataFrame(rows, columns=[f"stmt_{n}" for n in names] + ["shares"], dtype=float)
    for n in names:
        f[f"stmt_{n}"] = asof(t.session, r[f"stmt_{n}"], own, 180)
    f["stmt_imp_statement"] = asof(t.session, t.release, own, 180, "impulse")
    f["stmt_days_since_statement"] = asof(t.session, t.release, own, 180, "since")
    f["is_stmt_valid"] = (~np.isnan(f["stmt_days_since_statement"])).astype(float)
    shares = asof(t.session, r.shares, own, 180)
    f["shares_outstanding"], f["turnover_rate"] = shares / d.basis, d.volume / shares
    f["log_market_value"] = np.log(d.close * shares)


def surprises(code, d, f):
    t = summary(code)
    own, placed = d.session.to_numpy(), t.session.to_numpy()
    said, told, values = {}, set(), []
    for i, x in t.iterrows():
        before = said.get(x.fy, np.nan)
        for year, figure in ((x.fy, x.f_op), (x["next"], x.n_op)):
            if not np.isnan(figure):
                said[year] = figure
        first = x.release and x.quarter == 4 and x.period not in told
        if x.release and x.quarter == 4:
            told.add(x.period)
        after = x.op if first else said.get(x.fy, np.nan)
        change = (after - before) / abs(before)
        values.append(np.clip(change, -1, 1) if not np.isnan(change) else 0.0)
    values = np.array(values)
    f["surprise_op"] = asof(placed, values, own, 180)
    for h in (5, 10, 20):
        state = []
        for i, s in enumerate(placed):
            j = np.arange(i + 1)
            j = j[(placed[j] > s - 10 * h) & (placed[j] > 0)]
            state.append((values[j] * 0.5 ** ((s - placed[j]) / h)).sum())
        f[f"surprise_op_hl{h}"] = asof(placed, state, own, 180) * 0.5 ** (asof(placed, state, own, 180, "since") / h)


def earnings(code, d, f):
    t = lake["fins_earnings_date"].query("Code == @code").copy()
    t["pub"], t["sch"] = day(t.PubDate), day(t.SchDate)
    t["session"] = np.searchsorted(sessions, t["pub"], side="left")
    t["id"] = t.FYE.astype(str) + "|" + t.FQName
    t = t.sort_values(["session", "pub"], kind="stable").reset_index(drop=True)
    nexts = []
    for i in range(len(t)):
        k = t.iloc[: i + 1].drop_duplicates("id", keep="last")
        ahead = k.sch.map(number)
        ahead = ahead[ahead >= number[t["pub"][i]]]
        nexts.append(ahead.min() if len(ahead) else np.nan)
    own, today = d.session.to_numpy(), TODAY[d.session]
    to = pd.Series(asof(t.session, nexts, own, 130) - today)
    to = to.where(to >= 0)
    s = summary(code)
    s = s[s.release == 1]
    since = pd.Series(asof(s.session, s.session, own, 130, "since"))
    f["e_days_to"], f["e_days_since"], f["e_is_E0"] = to, since, (to == 0).astype(float)
    for n in (1, 3, 5):
        f[f"e_win_pre{n}"], f[f"e_win_post{n}"] = ((to >= 1) & (to <= n)).astype(float), (since < n).astype(float)
    f["is_earnings_valid"] = (to.notna() | since.notna()).astype(float)


def calendar_known(session, days):
    """The calendar of a year is public on 1 April of the year before."""
    years = pd.Series(pd.to_datetime(np.asarray(days, float), unit="D")).dt.year - 1
    public = day(pd.to_datetime(years.astype(str) + "-04-01"))
    return np.maximum(np.asarray(session), np.searchsorted(sessions, public, side="left"))


def next_dividend(records, own, today, max_age):
    """Per session: the first dividend with an ex-date after today, and the last one not after it, by what is known."""
    ahead, past = np.full((len(own), 3), np.nan), np.full((len(own), 2), np.nan)
    for i, (s, now) in enumerate(zip(own, today)):
        k = records[records.session <= s]
        if len(k) == 0 or s - k.session.iloc[-1] > max_age:
            continue
        at = k.known.iloc[-1]
        k = k.drop_duplicates("id", keep="last")
        k = k[k.amount > 0].sort_values("ex", kind="stable")
        slots = pd.concat([k[k.ex <= at].iloc[-1:], k[k.ex > at].iloc[:3]])
        later, before = slots[slots.ex > now], slots[slots.ex <= now]
        if len(later):
            ahead[i] = later.amount.iloc[0], later.ex.iloc[0] - now, later.special.iloc[0]
        if len(before):
            past[i] = before.amount.iloc[-1], now - before.ex.iloc[-1]
    return ahead, past


def expected_dividend(code, d, f):
    t, rows = summary(code), []
    for i, r in t.iterrows():
        for prefix, end in (("FDiv", r.CurFYEn), ("NxFDiv", r.NxtFYEn)):
            for n, back in (("1Q", 9), ("2Q", 6), ("3Q", 3), ("FY", 0)):
                amount = pd.to_numeric(r[f"{prefix}{n}"], errors="coerce")
                if pd.isna(amount) or pd.isna(end):
                    continue
                record = pd.Timestamp(end) - pd.DateOffset(months=back)
                if pd.Timestamp(end).is_month_end:
                    record += pd.offsets.MonthEnd(0)
                record = (record - pd.Timestamp("1970-01-01")).days
                if record >= r.disc and record in number.index:
                    rows.append((r.session, r.disc, record, number[record] - 1, amount / basis(code, [r.disc])[0], 0, r.instant))
    k = pd.DataFrame(rows, columns=["session", "disc", "id", "ex", "amount", "special", "instant"])
    k["known"], k["session"] = k.disc.map(number), calendar_known(k.session, k.id)
    k = k.sort_values(["session", "instant", "id"], kind="stable")
    ahead, _ = next_dividend(k, d.session.to_numpy(), TODAY[d.session], 130)
    f["div_exp_amount"], f["div_exp_yield"] = ahead[:, 0] * d.basis, ahead[:, 0] / d.close
    f["div_exp_sessions_to_ex"] = ahead[:, 1]


def dividends(code, d, f):
    t = lake["fins_dividend"].query("Code == @code").copy()
    t["pub"], t["session"] = day(t.PubDate), at_time(day(t.PubDate), t.PubTime)
    t["session"] = calendar_known(t.session, day(t.ExDate))
    t = t.sort_values(["session", "pub", "PubTime", "RefNo"]).reset_index(drop=True)
    t["id"], t["ex"], t["known"] = t.CARefNo, day(t.ExDate).map(number), t["pub"].map(number)
    t["amount"] = (t.DivRate / basis(code, t["pub"])).where(t.StatCode != "3", 0.0)
    t["special"] = t.CommSpecCode.isin(["1", "2", "3"]).astype(float)
    own = d.session.to_numpy()
    ahead, past = next_dividend(t, own, TODAY[own], 260)
    to, since = pd.Series(ahead[:, 1]), pd.Series(past[:, 1])
    f["div_amt"], f["div_yield_est"] = ahead[:, 0] * d.basis, ahead[:, 0] / d.close
    f["div_days_to_ex"], f["div_is_special"] = to, ahead[:, 2]
    f["div_ex_soon_3"], f["div_is_ex0"], f["is_div_valid"] = to <= 3, since == 0, to.notna()
    for n in (1, 3, 5):
        f[f"div_pre{n}"], f[f"div_post{n}"] = to <= n, since <= n
    change, last = [], {}
    for i, r in t.iterrows():
        before = last.get(r.id, np.nan)
        c = (r.amount - before) / before if before else np.nan
        known = change[-1] if i > 0 and t.session[i - 1] == r.session else 0.0
        change.append(c if abs(c) > abs(known) else known)
        if pd.notna(r.amount):
            last[r.id] = r.amount
    f["div_rev"] = asof(t.session, change, own, 260)
    f["div_rev_flag"] = when(pd.Series(f["div_rev"]) != 0, f["div_rev"])
    before = since.shift(1).fillna(10)
    paid = pd.Series(past[:, 0]).where(since < before, 0.0)
    f["div_dy_12m"] = paid.rolling(245).sum() / d.close


ITEMS = {
    "revenue": ["Net sales", "Revenue (IFRS)"],
    "op": ["Operating profit (loss)", "Operating profit (loss) (IFRS)"],
    "np": ["Profit (loss) attributable to owners of parent", "Profit (loss) attributable to owners of parent (IFRS)"],
    "assets": ["Total assets", "Assets (IFRS)"],
    "equity": ["Net assets", "Equity (IFRS)"],
    "cash": ["Cash and deposits", "Cash and cash equivalents (IFRS)"],
    "debt": ["Long-term borrowings", "Bonds and borrowings - NCL (IFRS)"],
    "cfo": [f"Net cash provided by (used in) operating activities{x}" for x in ("", " (IFRS)")],
    "capex": [f"Purchase of property, plant and equipment{x}" for x in ("", " (IFRS)")],
}


def details(code, d, f):
    t = lake["fins_details"].query("Code == @code").merge(summary(code)[["DiscNo", "session", "disc", "instant", "quarter", "period", "fy"]], on="DiscNo")
    t = t.sort_values(["instant", "quarter", "period"]).reset_index(drop=True)
    own = d.session.to_numpy()
    found = [json.loads(x) for x in t.FS]
    for n, labels in ITEMS.items():
        t[n] = [next((float(x[label]) for label in labels if label in x), np.nan) for x in found]
    rows = []
    for i in range(len(t)):
        k = t.iloc[: i + 1]
        c = k[k.period == k.period.max()].iloc[-1]
        k = k.drop_duplicates(["quarter", "period"], keep="last").set_index(["quarter", "period"])
        blank = pd.Series(np.nan, index=list(ITEMS))
        year = k.loc[(4, c.fy - 12)] if (4, c.fy - 12) in k.index else blank
        same = k.loc[(c.quarter, c.period - 12)] if (c.quarter, c.period - 12) in k.index else blank
        ttm = {n: c[n] if c.quarter == 4 else c[n] + year[n] - same[n] for n in ITEMS}
        r = {"revenue_ttm": ttm["revenue"], "op_profit_ttm": ttm["op"], "net_income_ttm": ttm["np"], "cfo_ttm": ttm["cfo"]}
        r["capex_ttm"], r["fcf_ttm"] = abs(ttm["capex"]), ttm["cfo"] - abs(ttm["capex"])
        r["op_margin"], r["net_margin"] = clip(ttm["op"], ttm["revenue"]), clip(ttm["np"], ttm["revenue"])
        r["roe_ttm"], r["roa_ttm"] = clip(ttm["np"], c.equity), clip(ttm["np"], c.assets)
        r["accruals_ttm"], r["cfo_to_ni"] = clip(ttm["np"] - ttm["cfo"], c.assets), clip(ttm["cfo"], ttm["np"])
        r["cfo_margin"], r["equity_ratio"] = clip(ttm["cfo"], ttm["revenue"]), clip(c.equity, c.assets)
        r["net_cash_to_assets"] = clip(c.cash - c.debt, c.assets)
        r["sales_yoy"], r["observation_count"] = clip(c.revenue - same["revenue"], abs(same["revenue"])), len(k)
        r["disclosed"] = t.disc[i]
        rows.append(r)
    names = ["revenue_ttm", "op_profit_ttm", "net_income_ttm", "cfo_ttm", "capex_ttm", "fcf_ttm", "op_margin", "net_margin"]
    names += ["roe_ttm", "roa_ttm", "accruals_ttm", "cfo_to_ni", "cfo_margin", "equity_ratio", "net_cash_to_assets", "sales_yoy"]
    r = pd.DataFrame(rows, columns=[*names, "observation_count", "disclosed"], dtype=float)
    for n in [*names, "observation_count"]:
        f[f"fs_{n}"] = asof(t.session, r[n], own, 180)
    lag = d.Date - asof(t.session, r.disclosed, own, 180)
    f["fs_lag_days"], f["fs_is_recent"] = lag, (lag <= 100).astype(float)
    f["fs_staleness_bd"] = asof(t.session, t.session, own, 180, "since")
    f["is_fs_valid"] = (~np.isnan(f["fs_staleness_bd"])).astype(float)


def interactions(code, d, f):
    topix = lake["indices_bars_daily_topix"].assign(Date=lambda t: day(t.Date)).set_index("Date").C.reindex(sessions)
    ema = {n: topix.ewm(span=n, adjust=False).mean() for n in (5, 20)}
    up = (ema[5] > ema[20]).astype(float).to_numpy()[d.session]
    own = topix.to_numpy()[d.session]
    strength = d.close.pct_change(5) - pd.Series(own).pct_change(5)
    score = z(d.close, 20)
    credit = pd.Series(f["dmi_credit_ratio"]).rolling(26).mean()
    f["x_squeeze_pressure"] = f["dmi_short_to_adv20"] * strength.clip(lower=0)
    f["x_credit_rev_bias"] = ((credit - 1) * (-score).clip(lower=0)).clip(-100, 100)
    drift = (f["stmt_rev_fore_op"] + f["stmt_progress_op"]) * np.exp(-f["stmt_days_since_statement"] / 5)
    f["x_pead_effect"] = np.clip(drift, -100, 100)
    f["x_pead_times_mkt"] = f["x_pead_effect"] * (2 * up - 1)
    f["x_flow_smart_rel"] = f["flow_smart_idx"] * strength
    f["x_breadth_rel"] = f["flow_breadth_pos"] * strength
    f["x_dmi_impulse_dir"] = f["dmi_impulse"] * d.close.pct_change()


flow()
sector_shorts()
options()
futures()
for code, d in stocks.items():
    for family in (margin, daily_margin, short_positions, breakdown, statements, surprises, earnings, expected_dividend, dividends, details, interactions):
        family(code, d, F[code])

frames = [pd.DataFrame({n: np.asarray(x, float) for n, x in F[c].items()}).assign(code=c, session=d.session) for c, d in stocks.items()]
frame = pd.concat(frames).sort_values(["session", "code"]).reset_index(drop=True)
flat = pd.concat([pd.DataFrame({"session": d.session, "s33": sector[c], "r": d.close.pct_change()}) for c, d in stocks.items()])
median = flat.groupby(["s33", "session"]).r.median().unstack("s33").reindex(range(len(sessions)))
median = np.expm1(np.log1p(median).rolling(5).sum())
own = {c: [median[k][s] for k, s in zip(sector[c], d.session)] for c, d in stocks.items()}
relative = pd.concat([pd.DataFrame({"code": c, "session": d.session, "rel": d.close.pct_change(5) - own[c]}) for c, d in stocks.items()])
frame = frame.merge(relative, on=["code", "session"])
frame["x_foreign_relsec"] = frame.flow_foreign_net_z * frame.pop("rel")
day_value = frame.groupby("session").log_market_value
frame["market_value_z"] = (frame.log_market_value - day_value.transform("mean")) / day_value.transform("std")
frame["x_foreign_size"] = frame.flow_foreign_net_ratio * frame.market_value_z
frame["ss_ratio_rank"] = frame.groupby("session").ss_ratio.rank(pct=True)

columns = {}
for name in sorted(set(frame.columns) - {"code", "session"}):
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
    "call": "test/golden/make/features_records.py over test/golden/records",
    "sha256": digest,
    "every": 97,
    "columns": columns,
}
with open("test/golden/features-records.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
print(len(columns), "columns,", len(frame), "rows")
