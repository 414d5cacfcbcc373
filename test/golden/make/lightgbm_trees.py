"""Golden values of LightGBM's Python package: trees and predictions on data that both sides generate alike.

Run: /tmp/venv/bin/python test/golden/make/lightgbm_trees.py > test/golden/lightgbm-trees.json (numpy, lightgbm 4.6.0)
"""

import hashlib
import json
import sys

import lightgbm
import numpy as np

ROWS, FEATURES, SESSIONS = 1500, 6, 30


def data():
    """Lehmer's generator, multiplier 16807: exact in float64 on both sides. Column 5 is a category, column 4 has gaps."""
    state = 1
    draws = np.empty(ROWS * FEATURES)
    for i in range(draws.size):
        state = state * 16807 % 2147483647
        draws[i] = state / 2147483647
    x = draws.reshape(ROWS, FEATURES)
    x[:, 5] = np.floor(x[:, 5] * 12)
    x[x[:, 4] > 0.8, 4] = np.nan
    filled = np.where(np.isnan(x[:, 4]), 2.0, x[:, 4])
    y = x[:, 0] + x[:, 1] * x[:, 2] + 0.5 * filled + 0.25 * (x[:, 5] % 3) + 0.5 * x[:, 3] * x[:, 3]
    return x.astype(np.float32), y.astype(np.float32)


# What decides a prediction; statistics of inner nodes are left out, where 4.1 and 4.6 print the root differently.
STRUCTURE = (
    "num_leaves split_feature split_gain threshold decision_type left_child right_child leaf_value leaf_count "
    "cat_boundaries cat_threshold shrinkage"
).split()
BASE = {
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 10,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": 11,
    "num_threads": 2,
    "deterministic": True,
    "force_col_wise": True,
    "metric": "none",
    "verbosity": -1,
}
CASES = {
    "regression": {"objective": "regression"},
    "binary": {"objective": "binary"},
    "quantile": {"objective": "quantile", "alpha": 0.25},
    "huber": {"objective": "huber", "alpha": 0.9},
    "lambdarank": {"objective": "lambdarank"},
    "categorical": {"objective": "regression", "categorical_feature": "5"},
}
# Parameters of examples/<name>/train.conf in LightGBM's source; the data files lie in no package, so the data is ours.
EXAMPLES = {
    "binary example": {
        "objective": "binary", "learning_rate": 0.1, "num_leaves": 63, "feature_fraction": 0.8, "bagging_freq": 5,
        "bagging_fraction": 0.8, "min_data_in_leaf": 50, "min_sum_hessian_in_leaf": 5.0, "max_bin": 255,
    },
    "regression example": {
        "objective": "regression", "learning_rate": 0.05, "num_leaves": 31, "feature_fraction": 0.9, "bagging_freq": 5,
        "bagging_fraction": 0.8, "min_data_in_leaf": 100, "min_sum_hessian_in_leaf": 5.0, "max_bin": 255,
    },
    "lambdarank example": {
        "objective": "lambdarank", "learning_rate": 0.1, "num_leaves": 31, "feature_fraction": 1.0, "bagging_freq": 1,
        "bagging_fraction": 0.9, "min_data_in_leaf": 50, "min_sum_hessian_in_leaf": 5.0, "max_bin": 255,
    },
}


def run(name, extra, x, y, rounds=20):
    params = {**BASE, **extra}
    label, group = y, None
    if name.startswith("binary"):
        label = (y > np.float32(1.5)).astype(np.float32)
    if name.startswith("lambdarank"):
        label = np.minimum(4, np.floor(y)).astype(np.float32)
        group = np.full(SESSIONS, ROWS // SESSIONS)
    dataset = lightgbm.Dataset(x, label, group=group, params=params)
    booster = lightgbm.train(params, dataset, num_boost_round=rounds)
    text = booster.model_to_string()
    lines = text[text.index("Tree=0") : text.index("end of trees")].split("\n")
    trees = "\n".join(line for line in lines if line.split("=")[0] in STRUCTURE)
    return {
        "rounds": rounds,
        "parameters": {k: str(v).lower() for k, v in params.items()},
        "trees": hashlib.sha256(trees.encode()).hexdigest(),
        "leaves": [tree["num_leaves"] for tree in booster.dump_model()["tree_info"]],
        "gain": booster.feature_importance("gain").tolist(),
        "prediction": booster.predict(x[:8]).tolist(),
        "contribution": booster.predict(x[:2], pred_contrib=True).ravel().tolist(),
    }


features, target = data()
json.dump(
    {
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "lightgbm": lightgbm.__version__},
        "call": "lightgbm.train(parameters, Dataset(x, y), num_boost_round=rounds)",
        "rows": ROWS,
        "features": FEATURES,
        "sessions": SESSIONS,
        "cases": {name: run(name, extra, features, target) for name, extra in CASES.items()}
        | {name: run(name, extra, features, target, 100) for name, extra in EXAMPLES.items()},
    },
    sys.stdout,
    indent=1,
)
