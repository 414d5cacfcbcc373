"""Golden values of src/evaluate: SciPy, statsmodels, scikit-learn and alphalens-reloaded on a small panel with ties,
missing days and one-stock days. Usage: python evaluate.py > ../evaluate.json"""

import hashlib
import json
import sys

import alphalens
import numpy as np
import pandas as pd
import scipy
import scipy.stats
import sklearn
import sklearn.metrics
import statsmodels
import statsmodels.api as sm

rng = np.random.default_rng(20240611)
days, stocks, horizon = 60, 24, 5
rows = []
for day in range(days):
    if day == 17:
        continue
    members = range(1) if day == 30 else range(stocks)
    for stock in members:
        if rng.random() < 0.08:
            continue
        score = rng.normal()
        label = 0.05 * score + 0.02 * rng.normal()
        if rng.random() < 0.05:
            label = np.nan
        if rng.random() < 0.03:
            score = np.nan
        if day % 7 == 0:
            score = np.round(score)
        rows.append((19000 + day, stock, score, label))
frame = pd.DataFrame(rows, columns=["date", "code", "score", "label"])
known = frame.dropna()

ics, rank_ics, dates = [], [], []
for date, group in frame.groupby("date"):
    inside = group.dropna()
    dates.append(int(date))
    if len(inside) < 5:
        ics.append(None)
        rank_ics.append(None)
        continue
    ics.append(scipy.stats.pearsonr(inside.score, inside.label).statistic)
    rank_ics.append(scipy.stats.spearmanr(inside.score, inside.label).statistic)

series = np.array([value for value in rank_ics if value is not None])
lags = max(horizon - 1, int(np.floor(4 * (len(series) / 100) ** (2 / 9))))
fit = sm.OLS(series, np.ones(len(series))).fit(cov_type="HAC", cov_kwds={"maxlags": lags})

five = known.groupby("date").filter(lambda group: len(group) >= 5 and group.score.nunique() >= 10)
index = pd.MultiIndex.from_arrays(
    [pd.to_datetime(five.date, unit="D"), five.code], names=["date", "asset"]
)
factor = pd.DataFrame({"factor": five.score.to_numpy(), "5D": five.label.to_numpy()}, index=index)
factor["factor_quantile"] = factor.groupby("date")["factor"].transform(
    lambda values: pd.qcut(values, 5, labels=False) + 1
)
by_day = alphalens.performance.mean_return_by_quantile(factor, by_date=True, demeaned=False)[0]["5D"]
by_day = by_day.unstack("factor_quantile")
alphalens_ic = alphalens.performance.factor_information_coefficient(
    factor.drop(columns="factor_quantile")
)["5D"]

regression = sm.OLS(known.label, sm.add_constant(known.score)).fit()
offsets = {0.1: -0.03, 0.5: 0.0, 0.9: 0.03}
pinball = {}
coverage = {}
for level, offset in offsets.items():
    quantile = 0.05 * known.score + offset
    pinball[str(level)] = sklearn.metrics.mean_pinball_loss(known.label, quantile, alpha=level)
    coverage[str(level)] = float((known.label <= quantile).mean())

# A panel without gaps whose scores last: ranks against earlier ranks, and names that change quantile.
full_days, full_stocks = 40, 30
scores = np.zeros((full_days, full_stocks))
scores[0] = rng.normal(size=full_stocks)
for day in range(1, full_days):
    scores[day] = 0.9 * scores[day - 1] + 0.4 * rng.normal(size=full_stocks)
labels = 0.01 * scores + 0.02 * rng.normal(size=scores.shape)
full_index = pd.MultiIndex.from_product(
    [pd.bdate_range("2022-01-03", periods=full_days), range(full_stocks)], names=["date", "asset"]
)
full = pd.DataFrame({"factor": scores.ravel(), "5D": labels.ravel()}, index=full_index)
full["factor_quantile"] = full.groupby("date")["factor"].transform(
    lambda values: pd.qcut(values, 5, labels=False) + 1
)
full_turnover = sum(
    alphalens.performance.quantile_turnover(full["factor_quantile"], quantile, period=5)
    for quantile in (1, 5)
)
full_means = alphalens.performance.mean_return_by_quantile(full, demeaned=False)[0]["5D"]


def plain(values):
    return [None if value is None or np.isnan(value) else float(value) for value in values]


golden = {
    "versions": {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scipy": scipy.__version__,
        "statsmodels": statsmodels.__version__,
        "scikit-learn": sklearn.__version__,
        "alphalens-reloaded": alphalens.__version__,
    },
    "horizon": horizon,
    "rows": {
        "date": frame.date.tolist(),
        "code": frame.code.tolist(),
        "score": plain(frame.score),
        "label": plain(frame.label),
    },
    "scipy": {"dates": dates, "ic": plain(ics), "rankIc": plain(rank_ics)},
    "statsmodels": {
        "lags": lags,
        "mean": float(series.mean()),
        "std": float(series.std(ddof=1)),
        "tStat": float(fit.tvalues[0]),
        "slope": float(regression.params["score"]),
        "intercept": float(regression.params["const"]),
    },
    "alphalens": {
        "dates": [int(date.timestamp() // 86400) for date in by_day.index],
        "byQuantile": [plain(by_day[quantile]) for quantile in range(1, 6)],
        "spread": plain(by_day[5] - by_day[1]),
        "rankIc": plain(alphalens_ic),
        "rankIcDates": [int(date.timestamp() // 86400) for date in alphalens_ic.index],
    },
    "full": {
        "dates": [int(date.timestamp() // 86400) for date in full_index.levels[0]],
        "stocks": full_stocks,
        "score": plain(scores.ravel()),
        "label": plain(labels.ravel()),
        "autocorrelation": {
            str(lag): float(alphalens.performance.factor_rank_autocorrelation(full, lag).mean())
            for lag in (1, 5, 10)
        },
        "quantileTurnover": plain(full_turnover),
        "monotonicity": float(scipy.stats.spearmanr(range(5), full_means).statistic),
        "meanByQuantile": plain(full_means),
        "positiveShare": float(
            (alphalens.performance.factor_information_coefficient(full)["5D"] > 0).mean()
        ),
    },
    "sklearn": {"pinball": pinball, "coverage": coverage, "offsets": {str(k): v for k, v in offsets.items()}},
}
golden["sha256"] = hashlib.sha256(json.dumps(golden["rows"]).encode()).hexdigest()
json.dump(golden, sys.stdout)
