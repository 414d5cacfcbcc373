"""Golden values of the price-based feature families with pandas and TA-Lib: node test/golden/make/dump-market.ts gives the data.

Run from the repository root: python test/golden/make/features_prices.py
Each column keeps its number of values, sum and sum of magnitudes over all rows, and every 97th row's value.
"""

import hashlib
import io
import json
import subprocess

import numpy as np
import pandas as pd
import talib


def dump(part):
    run = ["node", "test/golden/make/dump-market.ts", part]
    return subprocess.run(run, check=True, capture_output=True).stdout


stocks_csv, series_csv, sectors_csv = dump("stocks"), dump("series"), dump("sectors")
stocks = pd.read_csv(io.BytesIO(stocks_csv))
market = pd.read_csv(io.BytesIO(series_csv)).set_index("session")
sectors = pd.read_csv(io.BytesIO(sectors_csv))


def ema(x, span):
    return x.ewm(span=span, adjust=False).mean()


def div(a, b):
    return a / b.where(b.abs() >= 1e-12)


def z(x, n):
    return (x - x.rolling(n).mean()) / x.rolling(n).std()


def when(condition, *needed):
    out = condition.astype(float)
    for values in needed:
        out = out.where(values.notna())
    return out


def true_range(high, low, close):
    before = close.shift(1)
    return pd.concat([high - low, (high - before).abs(), (low - before).abs()], axis=1).max(axis=1)


def streak(x, sign):
    hit = (sign * x > 0).astype(int)
    run = hit.groupby((hit == 0).cumsum()).cumsum()
    return run.where(x.notna()).astype(float)


def price(f, d):
    c = d.close
    for h in (1, 5, 10, 20, 60, 120):
        f[f"returns_{h}d"] = c.pct_change(h)
    for h in (1, 5, 10, 20):
        f[f"log_returns_{h}d"] = np.log(c).diff(h)
    e = {n: ema(c, n) for n in (5, 10, 20, 60, 200)}
    s = {n: c.rolling(n).mean() for n in (5, 10, 20, 60, 120)}
    for n in e:
        f[f"ema_{n}"] = e[n] * d.basis
    for n in s:
        f[f"sma_{n}"] = s[n] * d.basis
    for n in (5, 20, 60):
        f[f"price_to_sma{n}"] = c / s[n]
    for n in (5, 10, 20, 200):
        f[f"price_ema{n}_dev"] = c / e[n] - 1
    for a, b in ((5, 20), (20, 60), (60, 200)):
        f[f"ma_gap_{a}_{b}"] = e[a] / e[b] - 1
        f[f"ema_cross_{a}_{b}"] = (e[a] > e[b]).astype(float)
    for n in (5, 20, 60):
        f[f"ema{n}_slope"] = e[n].pct_change()
    ribbon = pd.DataFrame(e)
    f["ma_ribbon_bullish"] = (ribbon.diff(-1, axis=1).iloc[:, :-1] > 0).all(axis=1).astype(float)
    f["ma_ribbon_bearish"] = (ribbon.diff(-1, axis=1).iloc[:, :-1] < 0).all(axis=1).astype(float)
    f["ma_ribbon_spread"] = ribbon.std(axis=1) / c
    f["ret_overnight"] = d.open / c.shift(1) - 1
    f["ret_intraday"] = c / d.open - 1
    f["high_low_ratio"] = d.high / d.low
    f["close_to_high"] = div(d.high - c, d.high - d.low)
    f["close_to_low"] = div(c - d.low, d.high - d.low)
    return e, s


def technical(f, d, e, s):
    c = d.close
    delta = c.diff()
    for n in (2, 14):
        up, down = ema(delta.clip(lower=0), n), ema(-delta.clip(upper=0), n)
        rsi = 100 - 100 / (1 + up / down)
        rsi[np.arange(len(c)) < n] = np.nan
        f[f"rsi_{n}"] = rsi
    f["rsi_delta"] = f["rsi_14"].diff()
    f["macd"] = (ema(c, 12) - ema(c, 26)) / c
    f["macd_signal"] = ema(f["macd"], 9)
    f["macd_histogram"] = f["macd"] - f["macd_signal"]
    f["macd_hist_slope"] = f["macd_histogram"].diff()
    upper, middle, lower = talib.BBANDS(c, 20, 2 * np.sqrt(20 / 19), 2 * np.sqrt(20 / 19))
    f["bb_upper"], f["bb_lower"] = upper * d.basis, lower * d.basis
    f["bb_position"] = ((c - lower) / (upper - lower)).clip(0, 1)
    f["bb_width"] = (upper - lower) / middle
    f["z_close_20"] = z(c, 20)
    tr = talib.TRANGE(d.high, d.low, c)
    tr.iloc[0] = d.high.iloc[0] - d.low.iloc[0]
    f["atr_14"] = ema(tr, 14) / c
    f["stoch_k"] = talib.STOCHF(d.high, d.low, c, 14, 1)[0]
    up, down = d.high.diff(), -d.low.diff()
    plus = ema(up.where((up > down) & (up > 0), 0.0), 14)
    minus = ema(down.where((down > up) & (down > 0), 0.0), 14)
    dx = 100 * (plus - minus).abs() / (plus + minus)
    dx[(plus + minus) / ema(tr, 14) < 1e-12] = np.nan
    adx = ema(dx, 14)
    adx[np.arange(len(c)) < 14] = np.nan
    f["adx_14"] = adx
    r = {h: f[f"returns_{h}d"] for h in (1, 5, 10, 20)}
    f["momentum_5_20"], f["momentum_1_5"] = div(r[5], r[20]), div(r[1], r[5])
    f["momentum_10_20"] = div(r[10], r[20])
    f["ret1d_x_ema20dev"] = r[1] * f["price_ema20_dev"]
    f["ret5d_x_ema20dev"] = r[5] * f["price_ema20_dev"]
    f["ret1d_x_ema200dev"] = r[1] * f["price_ema200_dev"]
    f["mom5d_x_ema20slope"] = r[5] * f["ema20_slope"]
    f["mom20d_x_ema60slope"] = r[20] * f["ema60_slope"]
    v = {n: talib.SMA(d.volume, n) for n in (5, 20)}
    for n in v:
        f[f"volume_ma_{n}"] = v[n] / d.basis
        f[f"volume_ratio_{n}"] = d.volume / v[n]
    f["volume_accel"] = v[5] / v[20] - 1
    f["dollar_volume"] = c * d.volume
    f["vol_confirmed_mom"] = r[5] * f["volume_ratio_20"]
    f["up_streak_1d"], f["down_streak_1d"] = streak(r[1], 1), streak(r[1], -1)
    gain = when(r[1] > 0, r[1])
    f["mom_persist_5d"] = gain.rolling(5).mean()
    for n in (20, 60):
        f[f"positive_return_ratio_{n}d"] = gain.rolling(n).mean()
    low, high = talib.MIN(d.low, 252), talib.MAX(d.high, 252)
    f["pct_from_52w_range"] = (c - low) / (high - low)
    f["rsi_momentum_signal"] = (f["rsi_14"] / 50 - 1) * r[5]
    f["lag_returns_1d"] = r[1].shift(1)


def volatility(f, d):
    c, r1 = d.close, f["returns_1d"]
    vol = {n: r1.rolling(n).std() * np.sqrt(252) for n in (5, 10, 20, 60)}
    for n in vol:
        f[f"volatility_{n}d"] = vol[n]
    f["volatility_ratio"] = vol[20] / vol[60]
    f["volatility_ratio_5_20"] = vol[5] / vol[20]
    f["volatility_change"] = vol[20].pct_change()
    for h in (1, 5, 20):
        f[f"sharpe_{h}d"] = f[f"returns_{h}d"] / vol[20]
    high = vol[20].rolling(252, min_periods=60).quantile(0.8)
    low = vol[20].rolling(252, min_periods=60).quantile(0.2)
    f["high_vol_flag"] = when(vol[20] > high, vol[20], high)
    f["low_vol_flag"] = when(vol[20] < low, vol[20], low)
    squares = np.log(d.high / d.low) ** 2
    f["realized_volatility"] = np.sqrt(squares.rolling(20).sum() / (4 * np.log(2)))
    rs = np.log(d.high / d.open) * np.log(d.high / c) + np.log(d.low / d.open) * np.log(d.low / c)
    overnight, session = np.log(d.open / c.shift(1)), np.log(c / d.open)
    for n in (20, 60):
        k = 0.34 / (1.34 + (n + 1) / (n - 1))
        yz = overnight.rolling(n).var() + k * session.rolling(n).var() + (1 - k) * rs.rolling(n).mean()
        f[f"yz_vol_{n}"] = np.sqrt(252 * yz)
        f[f"pk_vol_{n}"] = np.sqrt(252 * squares.rolling(n).mean() / (4 * np.log(2)))
        f[f"rs_vol_{n}"] = np.sqrt(252 * rs.rolling(n).mean())
        f[f"vov_{n}"] = f[f"yz_vol_{n}"].rolling(n).std()
    f["amihud_20"] = 1e9 * (r1.abs() / d.turnover).rolling(20, min_periods=5).mean()
    f["rsi_vol_interact"] = f["rsi_14"] * f["realized_volatility"]


def topix():
    m, c = {}, market.topix_close
    for h in (1, 5, 10, 20):
        m[f"mkt_ret_{h}d"] = c.pct_change(h)
    e = {n: ema(c, n) for n in (5, 20, 60, 200)}
    for n in e:
        m[f"mkt_ema_{n}"] = e[n]
    m["mkt_dev_20"] = c / e[20] - 1
    m["mkt_gap_5_20"] = e[5] / e[20] - 1
    m["mkt_ema20_slope_3"] = e[20].pct_change(3)
    m["mkt_vol_20d"] = m["mkt_ret_1d"].rolling(20).std() * np.sqrt(252)
    tr = talib.TRANGE(market.topix_high, market.topix_low, c)
    m["mkt_atr_14"] = tr.rolling(14).mean()
    m["mkt_natr_14"] = m["mkt_atr_14"] / c
    middle, std = c.rolling(20).mean(), c.rolling(20).std()
    m["mkt_bb_pct_b"] = ((c - middle + 2 * std) / (4 * std)).clip(0, 1)
    m["mkt_bb_bw"] = 4 * std / middle
    m["mkt_dd_from_peak"] = c / c.rolling(252, min_periods=20).max() - 1
    bound = 2 * m["mkt_ret_1d"].rolling(60).std()
    m["mkt_big_move_flag"] = when(m["mkt_ret_1d"].abs() >= bound, bound)
    for name in ("mkt_ret_1d", "mkt_vol_20d", "mkt_bb_bw", "mkt_dd_from_peak"):
        m[f"{name}_z"] = z(m[name], 252)
    m["mkt_bull_200"] = (c > e[200]).astype(float)
    m["mkt_trend_up"] = (m["mkt_gap_5_20"] > 0).astype(float)
    m["mkt_high_vol"] = when(m["mkt_vol_20d_z"] > 1, m["mkt_vol_20d_z"])
    m["mkt_squeeze"] = when(m["mkt_bb_bw_z"] < -1, m["mkt_bb_bw_z"])
    return pd.DataFrame(m)


def cross(f, d, m):
    own = market.topix_close.loc[d.session].reset_index(drop=True)
    m1, m5 = own.pct_change(1), own.pct_change(5)
    r1, r5 = f["returns_1d"], f["returns_5d"]
    beta = r1.rolling(60).cov(m1) / m1.rolling(60).var()
    f["beta_60d"] = beta
    f["alpha_1d"], f["alpha_5d"] = r1 - beta * m1, r5 - beta * m5
    f["rel_strength_5d"] = r5 - m5
    gap = f["mkt_gap_5_20"]
    f["trend_align_mkt"] = when(np.sign(f["ma_gap_5_20"]) == np.sign(gap), gap)
    f["alpha_vs_regime"] = f["alpha_1d"] * f["mkt_bull_200"]
    f["idio_vol_ratio"] = f["volatility_20d"] / f["mkt_vol_20d"]
    f["beta_stability_60d"] = 1 / beta.rolling(20).std()
    f["systematic_risk"] = beta * f["volatility_20d"]


def session(f, d):
    gap, body = f["ret_overnight"], f["ret_intraday"]
    f["gap_ov_prev1"], f["gap_id_prev1"] = gap.shift(1), body.shift(1)
    f["gap_amplify_ratio_prev1"] = div(body, gap.abs()).clip(-10, 10).shift(1)
    f["gap_sign_concord_prev1"] = when(np.sign(gap) == np.sign(body), gap).shift(1)
    move = d.open - d.close.shift(1)
    back = (d.open - d.low).where(move > 0, d.high - d.open)
    fill = div(back, move.abs()).clip(upper=1)
    f["gap_fill_ratio_prev1"] = fill.shift(1)
    f["gap_filled_prev1_flag"] = when(fill >= 1, fill).shift(1)
    f["am_gap_prev_close"] = d.am_open / d.close.shift(1) - 1
    f["am_body"] = d.am_close / d.am_open - 1
    f["am_range"] = d.am_high / d.am_low - 1
    f["am_vol_ratio_20"] = d.am_volume / d.am_volume.rolling(20).mean()
    f["am_pos_in_am_range"] = div(d.am_close - d.am_low, d.am_high - d.am_low)
    f["am_to_full_range"] = div(d.am_high - d.am_low, d.high - d.low)
    f["am_volume_share"] = d.am_volume / d.volume
    f["is_am_valid"] = d.am_close.notna().astype(float)


def validity(f, d):
    row = pd.Series(np.arange(1, len(d) + 1, dtype=float))
    f["row_idx"] = row
    rules = {
        "is_rsi2_valid": (5, f["rsi_2"]),
        "is_ema5_valid": (15, row),
        "is_ema10_valid": (30, row),
        "is_ema20_valid": (60, row),
        "is_ema60_valid": (180, row),
        "is_ema200_valid": (200, row),
        "is_valid_ma": (60, f["sma_60"]),
        "is_mkt_z_valid": (1, f["mkt_vol_20d_z"]),
        "is_beta_valid": (60, f["beta_60d"]),
        "is_adv_valid": (20, f["vol_confirmed_mom"]),
        "is_adv_vol_valid": (60, f["yz_vol_60"]),
    }
    for name, (need, column) in rules.items():
        f[name] = ((row >= need) & column.notna()).astype(float)


def calendar_frame():
    dates = pd.to_datetime(market.session_day, unit="D")
    c = {}
    for i, name in enumerate(["mon", "tue", "wed", "thu", "fri"]):
        c[f"is_{name}"] = (dates.dt.day_of_week == i).astype(float)
    c["month"] = dates.dt.month.astype(float)
    place = dates.groupby([dates.dt.year, dates.dt.month]).cumcount()
    c["month_start_flag"] = (place < 5).astype(float)
    c["month_end_flag"] = (market.sessions_left_in_month < 5).astype(float)
    return pd.DataFrame(c)


def indices_frame():
    out = {}
    for name in pairs():
        a, b = name.upper().split("_")[1:]
        left, right = market[f"index_{a}_close"], market[f"index_{b}_close"]
        out[name] = left.pct_change(5) - right.pct_change(5)
    for name, first, count in (("breadth_sector_gt_ma50", 0x40, 33), ("breadth_t17_gt_ma50", 0x80, 17)):
        closes = market[[f"index_{first + i:04X}_close" for i in range(count)]]
        out[name] = (closes > closes.rolling(50).mean()).mean(axis=1).where(closes.index >= 49)
    return pd.DataFrame(out)


def pairs():
    text = "8100-8200 0028-002d 0500-0501 0500-0502 0084-0083 0088-0085 0089-0081 0082-0087 008e-008f 008c-008d"
    text += " 008b-008a 8501-8502 8501-8503 8502-8503 002a-002b 002e-002f 002c-002f 0029-002b 812c-822c 812d-822d"
    return [f"spread_{pair.replace('-', '_')}" for pair in text.split()]


def sector_index(m):
    frames = []
    for number, x in sectors.groupby("sector"):
        o, h, l, c = (x[f"sector_index_{k}"].reset_index(drop=True) for k in ("open", "high", "low", "close"))
        f = {}
        for n in (1, 5, 20):
            f[f"sect_r_{n}d"] = c.pct_change(n)
        f["sect_r_oc"], f["sect_r_co"] = c / o - 1, o / c.shift(1) - 1
        f["sect_natr14"] = talib.TRANGE(h, l, c).rolling(14).mean() / c
        f["sect_vol_20d"] = f["sect_r_1d"].rolling(20).std() * np.sqrt(252)
        pk = np.log(h / l) ** 2 / (4 * np.log(2))
        gk = 0.5 * np.log(h / l) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2
        rs = np.log(h / o) * np.log(h / c) + np.log(l / o) * np.log(l / c)
        for name, term in (("pk", pk), ("gk", gk), ("rs", rs)):
            f[f"sect_{name}_vol_20d"] = np.sqrt(252 * term.rolling(20).mean().clip(lower=0))
        f["sect_z_close_20"] = z(c, 20)
        f["sect_price_to_sma20"] = c / c.rolling(20).mean()
        f["sect_z_r1d_60"] = z(f["sect_r_1d"], 60)
        f["sect_rel_r_5d"] = f["sect_r_5d"] - m["mkt_ret_5d"]
        f["sect_rel_vol_20d"] = f["sect_vol_20d"] / m["mkt_vol_20d"]
        frames.append(pd.DataFrame(f).assign(sector33=number, session=range(len(c))))
    return pd.concat(frames)


def sector_series(frame, key, prefix):
    median = frame.groupby([key, "session"]).returns_1d.median().unstack(key).reindex(range(len(market)))
    out = {f"{prefix}_ret_1d_eq": median}
    for h in (5, 20):
        out[f"{prefix}_ret_{h}d_eq"] = np.expm1(np.log1p(median).rolling(h).sum())
    return out


def attach(frame, tables, key):
    for name, table in tables.items():
        long = table.stack(future_stack=True).rename(name).reset_index()
        frame = frame.merge(long, on=["session", key], how="left")
    return frame


def sector(frame):
    tables = sector_series(frame, "sector33", "sec")
    median = tables["sec_ret_1d_eq"]
    tables["sec_mom_20"] = median.rolling(20).sum()
    tables["sec_ema_5"], tables["sec_ema_20"] = ema(median, 5), ema(median, 20)
    tables["sec_gap_5_20"] = tables["sec_ema_5"] - tables["sec_ema_20"]
    tables["sec_vol_20"] = median.rolling(20).std() * np.sqrt(252)
    tables["sec_vol_20_z"] = z(tables["sec_vol_20"], 252)
    count = frame.groupby(["sector33", "session"]).returns_1d.count().astype(float)
    tables["sec_member_cnt"] = count.unstack("sector33").reindex(range(len(market)))
    tables["sec_small_flag"] = when(tables["sec_member_cnt"] < 5, tables["sec_member_cnt"])
    r5 = frame.groupby(["sector33", "session"]).returns_5d
    sums = r5.sum().unstack("sector33").reindex(range(len(market))).fillna(0).cumsum()
    counts = r5.count().unstack("sector33").reindex(range(len(market))).fillna(0).cumsum()
    prior = sums.sum(axis=1) / counts.sum(axis=1).where(lambda n: n > 0)
    tables["te33_sec_ret_5d"] = sums.add(100 * prior, axis=0).div(counts + 100).shift(1)
    frame = attach(frame, tables, "sector33")
    frame = attach(frame, sector_series(frame, "sector17", "sec17"), "sector17")
    frame["rel_to_sec_5d"] = frame.returns_5d - frame.sec_ret_5d_eq
    beta = {}
    for code, x in frame.groupby("code"):
        b = x.returns_1d.rolling(60).cov(x.sec_ret_1d_eq) / x.sec_ret_1d_eq.rolling(60).var()
        beta[code] = b
    frame["beta_to_sec_60"] = pd.concat(beta.values())
    frame["alpha_vs_sec_1d"] = frame.returns_1d - frame.beta_to_sec_60 * frame.sec_ret_1d_eq
    day = frame.groupby("session")
    inside = frame.groupby(["session", "sector33"])
    frame["ret_1d_demeaned"] = frame.returns_1d - day.returns_1d.transform("mean")

    def enough(name):
        return inside[name].transform("count") >= 3

    for h in (1, 5, 10):
        name = f"returns_{h}d"
        value = frame[name] - inside[name].transform("mean")
        frame[f"ret_prev_{h}d_vs_sec"] = value.where(enough(name))
    scores = {
        "ret_prev_1d_in_sec_z": "returns_1d",
        "z_in_sec_returns_5d": "returns_5d",
        "ret_prev_10d_in_sec_z": "returns_10d",
        "z_in_sec_ma_gap_5_20": "ma_gap_5_20",
        "volume_in_sec_z": "volume_ratio_20",
        "rv20_in_sec_z": "realized_volatility",
        "rsi14_in_sec_z": "rsi_14",
        "macd_slope_in_sec_z": "macd_hist_slope",
        "vcm_in_sec_z": "vol_confirmed_mom",
        "rsi_vol_in_sec_z": "rsi_vol_interact",
    }
    for name, source in scores.items():
        value = (frame[source] - inside[source].transform("mean")) / inside[source].transform("std")
        frame[name] = value.where(enough(source))
    for name, source in (("ret_prev_1d_rank_in_sec", "returns_1d"), ("volume_rank_in_sec", "volume_ratio_20")):
        frame[name] = inside[source].rank(pct=True).where(enough(source))
    codes = [str(n) for n in range(1, 18)] + ["99"]
    for i, code in enumerate(codes):
        frame[f"sec17_onehot_{code}"] = (frame.sector17 == i).astype(float)
    for key, name in (("sector17", "sec17_daily_freq"), ("sector33", "sec33_daily_freq")):
        size = frame.groupby(["session", key]).code.transform("size")
        frame[name] = size / day.code.transform("size")
    frame["is_sec_cs_valid"] = (frame.sec_member_cnt >= 3).astype(float)
    for name, source in (
        ("rank_ret_prev_1d", "returns_1d"),
        ("cs_rank_returns_20d", "returns_20d"),
        ("cs_rank_volatility", "volatility_20d"),
    ):
        frame[name] = day[source].rank(pct=True)
    log = np.log(frame.turnover)
    frame["volume_cs_z"] = (log - log.groupby(frame.session).transform("mean")) / log.groupby(
        frame.session
    ).transform("std")
    return frame


def interactions(f):
    gap, bb, vr5 = f.ma_gap_5_20, f.bb_position, f.volume_ratio_5
    f["x_trend_intensity"] = gap * f.mkt_gap_5_20
    f["x_trend_intensity_g"] = gap.where(f.mkt_trend_up == 1, -gap)
    f["x_rel_sec_mom"] = f.rel_to_sec_5d * f.sec_mom_20
    f["x_z_sec_gap_mom"] = f.z_in_sec_ma_gap_5_20 * f.sec_mom_20
    f["x_tri_align"] = gap.where((f.mkt_gap_5_20 > 0) & (f.sec_mom_20 > 0), 0.0)
    f["x_mom_sh_5"], f["x_mom_sh_10"] = f.returns_5d / f.volatility_20d, f.returns_10d / f.volatility_20d
    f["x_mom_sh_5_mktneu"] = f.alpha_5d / f.volatility_20d
    f["x_alpha_meanrev_stable"] = -f.alpha_1d * f.beta_stability_60d
    f["x_rev_gate"] = (-f.z_close_20).clip(lower=0).where((f.mkt_high_vol == 1) | f.z_close_20.isna(), 0.0)
    f["x_bo_gate"] = ((gap > 0) & (f.mkt_high_vol != 1)).astype(float)
    f["x_rvol5_dir"] = vr5 * np.sign(f.returns_1d)
    f["x_rvol5_bb"] = vr5 * bb
    f["x_bbpos_rvol5"], f["x_bbneg_rvol5"] = (bb - 0.5).clip(lower=0) * vr5, (0.5 - bb).clip(lower=0) * vr5
    shock = f.groupby("code").turnover.pct_change().clip(-0.5, 0.5)
    f["x_liquidityshock_mom"] = shock * f.returns_5d
    f["x_range_trend"] = (f.close_to_low - 0.5) * gap * f.volume_ratio_20
    return f


m = topix()
series = pd.concat([m, calendar_frame(), indices_frame()], axis=1)
frames = []
for code, d in stocks[stocks.row >= 0].groupby("code"):
    d = d.reset_index(drop=True)
    f = {}
    e, s = price(f, d)
    technical(f, d, e, s)
    volatility(f, d)
    for name in series:
        f[name] = series[name].loc[d.session].reset_index(drop=True)
    cross(f, d, m)
    session(f, d)
    validity(f, d)
    frames.append(pd.concat([d, pd.DataFrame(f)], axis=1))
frame = sector(pd.concat(frames, ignore_index=True))
frame = frame.merge(sector_index(m), on=["session", "sector33"], how="left")
frame = interactions(frame)
frame = frame.sort_values("row")

columns = {}
inputs = set(stocks.columns)
for name in sorted(set(frame.columns) - inputs):
    values = frame[name].to_numpy(float)
    known = values[~np.isnan(values)]
    samples = [None if np.isnan(v) else float(f"{v:.9g}") for v in values[::97]]
    columns[name] = {
        "count": int(len(known)),
        "sum": float(known.sum()),
        "magnitude": float(np.abs(known).sum()),
        "samples": samples,
    }

golden = {
    "versions": {"pandas": pd.__version__, "numpy": np.__version__, "TA-Lib": talib.__version__},
    "call": "test/golden/make/features_prices.py over test/golden/make/dump-market.ts",
    "sha256": hashlib.sha256(stocks_csv + series_csv + sectors_csv).hexdigest(),
    "every": 97,
    "columns": columns,
}
with open("test/golden/features-prices.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
print(len(columns), "columns,", len(frame), "rows")
