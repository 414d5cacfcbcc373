"""Writes test/golden/stats-series.json, stats-cross-section.json, stats-inference.json and stats-graph.json.

Run: /path/to/venv/bin/python test/golden/make/stats.py
Needs numpy, pandas, scipy, statsmodels, networkx. NaN is written as null, infinities as strings.
"""

import hashlib
import json
import math
import pathlib
import warnings

import networkx as nx
import numpy as np
import pandas as pd
import scipy
import scipy.signal
import scipy.stats
import statsmodels
import statsmodels.api as sm

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__).resolve().parent.parent
random = np.random.default_rng(20251121)
versions = {
    "numpy": np.__version__,
    "pandas": pd.__version__,
    "scipy": scipy.__version__,
    "statsmodels": statsmodels.__version__,
    "networkx": nx.__version__,
}


def plain(value):
    if isinstance(value, (pd.Series, pd.Index)):
        return [plain(v) for v in value.to_numpy()]
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value.ravel()]
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        value = float(value)
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (int, np.integer)):
        return int(value)
    return value


def write(name, inputs, cases):
    body = {
        "inputs": {key: plain(value) for key, value in inputs.items()},
        "cases": [{**case, "expected": plain(case["expected"])} for case in cases],
    }
    digest = hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()
    record = {"versions": versions, "sha256": digest, **body}
    (here / f"{name}.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")


def evaluate(inputs, specs):
    """specs: (kernel, input names, arguments, options, Python call)."""
    names = {"pd": pd, "np": np, "scipy": scipy, "sm": sm, "nan": np.nan, **inputs}
    return [
        {
            "kernel": kernel,
            "inputs": used,
            "arguments": arguments,
            "options": options,
            "call": call,
            "expected": eval(call, names),
        }
        for kernel, used, arguments, options, call in specs
    ]


def series_inputs():
    size = 60
    price = pd.Series(np.exp(np.cumsum(random.normal(0, 0.02, size))) * 1500)
    returns = pd.Series(random.normal(0, 0.02, size))
    market = pd.Series(random.normal(0, 0.01, size))
    gaps = returns.copy()
    gaps[random.choice(size, 12, replace=False)] = np.nan
    gaps[40:48] = np.nan
    market_gaps = market.copy()
    market_gaps[random.choice(size, 9, replace=False)] = np.nan
    infinite = returns.copy()
    infinite[[20, 55]] = [np.inf, -np.inf]
    ties = pd.Series(random.integers(0, 5, size).astype(float))
    ties[30:37] = 2.0
    ties[[3, 50]] = np.nan
    return {
        "price": price,
        "returns": returns,
        "market": market,
        "gaps": gaps,
        "market_gaps": market_gaps,
        "infinite": infinite,
        "ties": ties,
        "empty": pd.Series([], dtype=float),
        "missing": pd.Series([np.nan] * 6),
    }


def rolling_specs():
    specs = []
    calls = {
        "rollingSum": "{x}.rolling({r}).sum()",
        "rollingMean": "{x}.rolling({r}).mean()",
        "rollingVar": "{x}.rolling({r}).var()",
        "rollingStd": "{x}.rolling({r}).std()",
        "rollingZscore": "({x} - {x}.rolling({r}).mean()) / {x}.rolling({r}).std()",
        "rollingMin": "{x}.rolling({r}).min()",
        "rollingMax": "{x}.rolling({r}).max()",
        "rollingMedian": "{x}.rolling({r}).median()",
        "rollingRank": "{x}.rolling({r}).rank()",
    }
    shapes = [
        ("price", 20, None),
        ("returns", 5, None),
        ("gaps", 5, 2),
        ("gaps", 10, 4),
        ("gaps", 3, None),
        ("ties", 4, 1),
        ("ties", 4, None),
        ("infinite", 7, 1),
        ("returns", 120, 3),
        ("returns", 1, None),
        ("empty", 3, None),
        ("missing", 3, 1),
    ]
    for x, window, least in shapes:
        r = f"{window}" if least is None else f"{window}, min_periods={least}"
        options = {} if least is None else {"minPeriods": least}
        for kernel, call in calls.items():
            if kernel == "rollingZscore" and x == "infinite":
                call = call.replace("({x} -", "({x}.replace([np.inf, -np.inf], np.nan) -")
            specs.append((kernel, [x], [window], options, call.format(x=x, r=r)))
        for q in (0.0, 0.1, 0.25, 0.9, 1.0):
            call = f"{x}.rolling({r}).quantile({q})"
            specs.append(("rollingQuantile", [x], [window, q], options, call))
        call = f"{x}.rolling({r}).rank(pct=True)"
        specs.append(("rollingRank", [x], [window], {**options, "pct": True}, call))
        specs.append(("rollingStd", [x], [window], {**options, "ddof": 0}, f"{x}.rolling({r}).std(ddof=0)"))
    pairs = [("returns", "market", 20, None), ("gaps", "market_gaps", 12, 4), ("gaps", "market_gaps", 4, None)]
    pairs += [("ties", "returns", 4, 2), ("infinite", "market", 6, 3), ("returns", "market", 200, 2)]
    for x, y, window, least in pairs:
        r = f"{window}" if least is None else f"{window}, min_periods={least}"
        options = {} if least is None else {"minPeriods": least}
        specs.append(("rollingCov", [x, y], [window], options, f"{x}.rolling({r}).cov({y})"))
        specs.append(("rollingCov", [x, y], [window], {**options, "ddof": 0}, f"{x}.rolling({r}).cov({y}, ddof=0)"))
        specs.append(("rollingCorr", [x, y], [window], options, f"{x}.rolling({r}).corr({y})"))
        joint = f"{y}.where(({x} - {x} + {y} - {y}) == 0)"
        call = f"{x}.rolling({r}).cov({y}) / {joint}.rolling({r}).var()"
        specs.append(("rollingBeta", [x, y], [window], options, call))
    return specs


def ewm_specs():
    specs = []
    for x in ("price", "returns", "gaps", "infinite", "empty", "missing"):
        for adjust in (True, False):
            for name, call in (("ewmMean", "mean()"), ("ewmVar", "var()"), ("ewmStd", "std()")):
                base = f"adjust={adjust}"
                options = {"adjust": adjust}
                specs.append((name, [x], [], {"span": 12, **options}, f"{x}.ewm(span=12, {base}).{call}"))
                specs.append(
                    (
                        name,
                        [x],
                        [],
                        {"halflife": 5, "minPeriods": 4, **options},
                        f"{x}.ewm(halflife=5, min_periods=4, {base}).{call}",
                    )
                )
            specs.append(("ewmMean", [x], [], {"alpha": 0.3, **options}, f"{x}.ewm(alpha=0.3, {base}).mean()"))
            specs.append(("ewmMean", [x], [], {"com": 2.5, **options}, f"{x}.ewm(com=2.5, {base}).mean()"))
            specs.append(("ewmMean", [x], [], {"alpha": 1, **options}, f"{x}.ewm(alpha=1, {base}).mean()"))
            specs.append(
                ("ewmVar", [x], [], {"span": 12, "bias": True, **options}, f"{x}.ewm(span=12, {base}).var(bias=True)")
            )
    return specs


def simple_series_specs():
    specs = []
    for x in ("price", "gaps", "ties", "infinite", "empty"):
        for periods in (1, 3, -2, 0):
            specs.append(("shift", [x], [periods], {}, f"{x}.shift({periods})"))
        for periods in (1, 5):
            specs.append(("diff", [x], [periods], {}, f"{x}.diff({periods})"))
            specs.append(("pctChange", [x], [periods], {}, f"{x}.pct_change({periods}, fill_method=None)"))
        for kernel, call in (("cumSum", "cumsum"), ("cumProd", "cumprod"), ("cumMax", "cummax"), ("cumMin", "cummin")):
            specs.append((kernel, [x], [], {}, f"{x}.{call}()"))
    return specs


def cross_inputs():
    size = 150
    wide = pd.Series(random.standard_t(3, size))
    tied = pd.Series(random.integers(-4, 5, size).astype(float))
    tied[[5, 6, 7]] = [0.0, -0.0, np.nan]
    tied[random.choice(size, 20, replace=False)] = np.nan
    other = pd.Series(0.3 * wide + random.normal(0, 1, size))
    other[random.choice(size, 15, replace=False)] = np.nan
    return {
        "wide": wide,
        "tied": tied,
        "other": other,
        "infinite": pd.Series([3.0, np.inf, -np.inf, 1.0, np.nan, np.inf, 2.0]),
        "constant": pd.Series([0.1] * 7),
        "one": pd.Series([np.nan, 4.0]),
        "missing": pd.Series([np.nan] * 3),
        "empty": pd.Series([], dtype=float),
        "sector": pd.Series(random.integers(-1, 6, size)),
    }


def cross_specs():
    specs = []
    for x in ("wide", "tied", "infinite", "constant", "one", "missing", "empty"):
        specs.append(("rank", [x], [], {}, f"{x}.rank()"))
        specs.append(("rank", [x], [], {"pct": True}, f"{x}.rank(pct=True)"))
        specs.append(("demean", [x], [], {}, f"{x} - {x}.mean()"))
        for ddof in (0, 1):
            call = f"({x} - {x}.mean()) / {x}.std(ddof={ddof})"
            if x == "constant":
                call = "pd.Series([np.nan] * 7)  # no variation: NaN whatever rounding left"
            specs.append(("zscore", [x], [], {"ddof": ddof}, call))
        specs.append(("std", [x], [], {}, f"[{x}.std()]"))
        if x != "infinite":
            specs.append(("mean", [x], [], {}, f"[{x}.mean()]"))
            specs.append(("variance", [x], [], {}, f"[{x}.var()]"))
            specs.append(("quantiles", [x], [[0, 0.01, 0.37, 0.5, 0.99, 1]], {}, f"{x}.quantile([0, 0.01, 0.37, 0.5, 0.99, 1])"))
            specs.append(("median", [x], [], {}, f"[{x}.median()]"))
            call = f"{x}.clip({x}.quantile(0.05), {x}.quantile(0.9))"
            specs.append(("winsorize", [x], [], {"lower": 0.05, "upper": 0.9}, call))
        specs.append(("clip", [x], [-1, 1.5], {}, f"{x}.clip(-1, 1.5)"))
    for x in ("wide", "tied"):
        grouped = f"{x}.where(sector >= 0).groupby(sector)"
        for kernel, options, call in (
            ("rankByGroup", {}, f"{grouped}.rank()"),
            ("rankByGroup", {"pct": True}, f"{grouped}.rank(pct=True)"),
            ("zscoreByGroup", {}, f"{grouped}.transform(lambda v: (v - v.mean()) / v.std())"),
            ("demeanByGroup", {}, f"{grouped}.transform(lambda v: v - v.mean())"),
            ("meanByGroup", {}, f"{grouped}.transform('mean')"),
        ):
            specs.append((kernel, [x, "sector"], [], options, call))
    for q in (1, 4, 10):
        specs.append(("qcut", ["wide"], [q], {}, f"pd.qcut(wide, {q}, labels=False)"))
        specs.append(("qcut", ["other"], [q], {}, f"pd.qcut(other, {q}, labels=False).fillna(-1).astype(int)"))
    call = "pd.qcut(tied, 12, labels=False, duplicates='drop').fillna(-1).astype(int)"
    specs.append(("qcut", ["tied"], [12], {"duplicates": "drop"}, call))
    for x, y in (("wide", "other"), ("tied", "other"), ("tied", "wide"), ("constant", "constant"), ("one", "one")):
        call = f"[{x}.corr({y})]" if x != "constant" else f"[scipy.stats.pearsonr({x}, {y}).statistic]"
        specs.append(("pearson", [x, y], [], {}, call))
        specs.append(("spearman", [x, y], [], {}, f"[{x}.corr({y}, method='spearman')]"))
        specs.append(("kendall", [x, y], [], {}, f"[scipy.stats.kendalltau({x}, {y}, nan_policy='omit').statistic]"))
    return specs


class Xoshiro:
    """src/rng.ts: xoshiro128** seeded by the SHA-256 of its key."""

    def __init__(self, key):
        digest = hashlib.sha256(key.encode()).digest()
        self.words = [int.from_bytes(digest[4 * i : 4 * i + 4], "little") for i in range(4)]

    def uint32(self):
        mask = 0xFFFFFFFF
        s = self.words
        x = (s[1] * 5) & mask
        result = ((((x << 7) | (x >> 25)) & mask) * 9) & mask
        t = (s[1] << 9) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = ((s[3] << 11) | (s[3] >> 21)) & mask
        return result

    def integer(self, n):
        limit = 2**32 - 2**32 % n
        draw = self.uint32()
        while draw >= limit:
            draw = self.uint32()
        return draw % n


def bootstrap(values, block, resamples, key):
    generator = Xoshiro(key)
    blocks = np.lib.stride_tricks.sliding_window_view(values, block)
    needed = math.ceil(len(values) / block)
    means = [
        np.mean(np.concatenate([blocks[generator.integer(len(blocks))] for _ in range(needed)])[: len(values)])
        for _ in range(resamples)
    ]
    return [np.mean(values), *np.quantile(means, [0.05, 0.95]), np.std(means, ddof=1)]


def inference_cases():
    size = 80
    x1 = random.normal(0, 1, size)
    x2 = 0.4 * x1 + random.normal(0, 2, size) + 5
    noise = scipy.signal.lfilter([1], [1, -0.5], random.normal(0, 0.5, size))
    y = 0.3 + 1.2 * x1 - 0.7 * x2 + noise
    y_gaps = y.copy()
    y_gaps[[3, 50]] = np.nan
    inputs = {"x1": x1, "x2": x2, "y": y, "yGaps": y_gaps}
    cases = []

    def add(kernel, used, arguments, options, call, expected):
        cases.append(
            dict(kernel=kernel, inputs=used, arguments=arguments, options=options, call=call, expected=expected)
        )

    for target in ("y", "yGaps"):
        for intercept in (True, False):
            design = np.column_stack([x1, x2])
            design = sm.add_constant(design) if intercept else design
            fit = sm.OLS(inputs[target], design, missing="drop").fit()
            call = f"sm.OLS({target}, {'sm.add_constant(X)' if intercept else 'X'}, missing='drop').fit()"
            options = {"intercept": intercept}
            columns = ["x1", "x2"]
            add("ols.coefficients", [target, *columns], [], options, f"{call}.params", fit.params)
            add("ols.standardErrors", [target, *columns], [], options, f"{call}.bse", fit.bse)
            add("ols.tStatistics", [target, *columns], [], options, f"{call}.tvalues", fit.tvalues)
            add("ols.rSquared", [target, *columns], [], options, f"{call}.rsquared", [fit.rsquared])
            residuals = np.full(size, np.nan)
            residuals[~np.isnan(inputs[target])] = fit.resid
            add("ols.residuals", [target, *columns], [], options, f"{call}.resid", residuals)
            for lags in (0, 3, 7):
                for small in (False, True):
                    robust = fit.get_robustcov_results("HAC", maxlags=lags, use_correction=small)
                    add(
                        "neweyWestCovariance",
                        [target, *columns],
                        [],
                        {"intercept": intercept, "lags": lags, "smallSample": small},
                        f"{call}.get_robustcov_results('HAC', maxlags={lags}, use_correction={small}).cov_params()",
                        robust.cov_params(),
                    )
    for target in ("y", "yGaps"):
        known = inputs[target][~np.isnan(inputs[target])]
        for lags in (0, 5, "auto"):
            maxlags = math.floor(4 * (len(known) / 100) ** (2 / 9)) if lags == "auto" else lags
            fit = sm.OLS(known, np.ones(len(known))).fit(cov_type="HAC", cov_kwds={"maxlags": maxlags})
            call = f"sm.OLS({target}, 1, missing='drop').fit(cov_type='HAC', cov_kwds={{'maxlags': {maxlags}}})"
            expected = [fit.params[0], fit.bse[0], fit.tvalues[0], maxlags, len(known)]
            add("neweyWestMean", [target], [], {"lags": lags}, f"{call}: params, bse, tvalues, maxlags, nobs", expected)
    call = "moving blocks of 7, 200 resamples, numpy mean and quantile(0.05, 0.95), blocks drawn by src/rng.ts"
    expected = bootstrap(y, 7, 200, "golden")
    options = {"blockLength": 7, "nResamples": 200, "confidence": 0.9}
    add("movingBlockBootstrap", ["y"], ["golden"], options, call, expected)

    z = np.concatenate([np.linspace(-37, 37, 149), [-1e-9, 1e-9, 0, -np.inf, np.inf, np.nan]])
    p = np.array([1e-300, 1e-100, 1e-20, 1e-9, 1e-4, 0.01, 0.2, 0.4999999, 0.5, 0.5000001, 0.77, 0.975, 0.9999, 1 - 1e-12])
    p = np.concatenate([p, [0.0, 1.0, np.nan, -0.1, 1.1]])
    t = np.array([-1e6, -300, -40, -9.5, -3, -1.7, -0.5, -1e-3, -1e-9, 0, 1e-9, 0.1, 0.9, 1.96, 4, 25, 1e5, np.inf, -np.inf])
    inputs.update(z=z, p=p, t=t)
    norm, student = scipy.stats.norm, scipy.stats.t
    add("normalCdf", ["z"], [], {}, "scipy.stats.norm.cdf(z)", norm.cdf(z))
    add("normalPdf", ["z"], [], {}, "scipy.stats.norm.pdf(z)", norm.pdf(z))
    add("normalQuantile", ["p"], [], {}, "scipy.stats.norm.ppf(p)", norm.ppf(p))
    return inputs, cases, add, student, t, p


def inference():
    inputs, cases, add, student, t, p = inference_cases()
    import mpmath

    mpmath.mp.dps = 60

    def cdf(x, df):
        if math.isinf(x):
            return 0.0 if x < 0 else 1.0
        x, v = mpmath.mpf(x), mpmath.mpf(df)
        upper = mpmath.betainc(v / 2, mpmath.mpf(1) / 2, 0, v / (v + x * x), regularized=True) / 2
        return float(upper if x < 0 else 1 - upper)

    for df in (0.7, 1, 2, 3.5, 5, 10, 29, 30, 120, 2450, 100000):
        expected = [cdf(float(x), df) for x in t]
        call = f"mpmath.betainc(df / 2, 1 / 2, 0, df / (df + t²), regularized=True) / 2 at 60 digits, df = {df}"
        add("studentTCdf", ["t"], [df], {}, call, expected)
    for df in (0.7, 1, 2, 3.5, 5, 29, 120, 2450, 100000):
        ps = [1e-20, 1e-9, 1e-4, 0.01, 0.2, 0.4, 0.4999, 0.5, 0.61, 0.77, 0.975, 0.9999]
        expected = []
        for q in ps:
            if q == 0.5:
                expected.append(0.0)
                continue
            start = student.ppf(q, df)

            def gap(x):
                v = mpmath.mpf(df)
                upper = mpmath.betainc(v / 2, mpmath.mpf(1) / 2, 0, v / (v + x * x), regularized=True) / 2
                return mpmath.log((upper if x < 0 else 1 - upper) / mpmath.mpf(q))

            expected.append(float(mpmath.findroot(gap, (start, start * 1.001), tol=1e-45)))
        inputs["ps"] = np.array(ps)
        add("studentTQuantile", ["ps"], [df], {}, f"mpmath root of the cdf at 60 digits, df = {df}", expected)
    for size in (1, 2, 3, 8, 20, 45):
        x = inputs["y"][:size]
        spectrum = np.fft.rfft(x)
        expected = np.concatenate([spectrum.real, spectrum.imag])
        add("realDft", ["y"], [size], {}, f"np.fft.rfft(y[:{size}]), real then imaginary", expected)
    write("stats-inference", inputs, cases)


def graph():
    inputs, cases = {}, []
    graphs = {
        "karate": nx.karate_club_graph(),
        "random": nx.gnp_random_graph(60, 0.05, seed=3),
        "chain": nx.path_graph(7),
        "isolated": nx.empty_graph(4),
    }
    for name, g in graphs.items():
        for _, _, data in g.edges(data=True):
            data["weight"] = float(round(random.uniform(0.3, 1.0), 3))
        edges = list(g.edges(data="weight"))
        inputs[f"{name}Sources"] = np.array([e[0] for e in edges], dtype=int)
        inputs[f"{name}Targets"] = np.array([e[1] for e in edges], dtype=int)
        inputs[f"{name}Weights"] = np.array([e[2] for e in edges], dtype=float)
        used = [f"{name}Sources", f"{name}Targets", f"{name}Weights"]
        n = g.number_of_nodes()

        def add(kernel, options, call, expected):
            cases.append(dict(kernel=kernel, inputs=used, arguments=[n], options=options, call=call, expected=expected))

        for alpha in (0.85, 0.5):
            rank = nx.pagerank(g, alpha=alpha, tol=1e-16, max_iter=5000)
            call = f"networkx.pagerank(g, alpha={alpha}, tol=1e-16)"
            add("pageRank", {"damping": alpha}, call, [rank[i] for i in range(n)])
        label = np.empty(n, dtype=int)
        for i, part in enumerate(sorted(nx.connected_components(g), key=min)):
            label[list(part)] = i
        add("connectedComponents", {}, "networkx.connected_components(g), numbered by first node", label)
        core = nx.core_number(g)
        add("coreNumber", {}, "networkx.core_number(g)", [core[i] for i in range(n)])
        clustering = nx.clustering(g)
        add("clusteringCoefficient", {}, "networkx.clustering(g)", [float(clustering[i]) for i in range(n)])
    web = nx.gnp_random_graph(25, 0.08, seed=5, directed=True)
    inputs["webSources"] = np.array([e[0] for e in web.edges()], dtype=int)
    inputs["webTargets"] = np.array([e[1] for e in web.edges()], dtype=int)
    inputs["webWeights"] = np.ones(web.number_of_edges())
    rank = nx.pagerank(web, tol=1e-16, max_iter=5000)
    cases.append(
        dict(
            kernel="pageRank",
            inputs=["webSources", "webTargets", "webWeights"],
            arguments=[25],
            options={"directed": True},
            call="networkx.pagerank(web, tol=1e-16)",
            expected=[rank[i] for i in range(25)],
        )
    )
    write("stats-graph", inputs, cases)


series = series_inputs()
write("stats-series", series, evaluate(series, simple_series_specs() + rolling_specs() + ewm_specs()))
cross = cross_inputs()
write("stats-cross-section", cross, evaluate(cross, cross_specs()))
inference()
graph()
