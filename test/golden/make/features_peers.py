"""Golden values of the peers family with NumPy and networkx: node test/golden/make/dump-market.ts gives the data.

Run from the repository root: python test/golden/make/features_peers.py
"""

import hashlib
import io
import json
import subprocess

import networkx as nx
import numpy as np
import pandas as pd

run = ["node", "test/golden/make/dump-market.ts", "stocks"]
stocks_csv = subprocess.run(run, check=True, capture_output=True).stdout
stocks = pd.read_csv(io.BytesIO(stocks_csv))
traded = stocks[stocks.row >= 0].copy()
traded["r"] = traded.groupby("code").close.pct_change()
returns = traded.pivot(index="session", columns="code", values="r").reindex(range(600))
sector = stocks.groupby("code").sector33.first()
rows = traded.set_index(["session", "code"]).row
window, half_life, shrinkage, threshold, min_overlap = 60, 30, 0.1, 0.3, 40


def rho(x, y):
    both = ~np.isnan(x) & ~np.isnan(y)
    if both.sum() < min_overlap:
        return np.nan
    w = 0.5 ** (np.arange(window)[::-1][both] / half_life)
    c = np.cov(x[both], y[both], aweights=w)
    return (1 - shrinkage) * c[0, 1] / np.sqrt(c[0, 0] * c[1, 1])


out = {}
for session in range(window - 1, 600):
    for number in sorted(sector.unique()):
        members = [c for c in sector.index[sector == number] if (session, c) in rows.index]
        block = returns.loc[session - window + 1 : session, members].to_numpy()
        one, five = block[-1], np.prod(1 + block[-5:], axis=0) - 1
        directed, graph = {}, nx.Graph()
        graph.add_nodes_from(range(len(members)))
        for a in range(len(members)):
            found = [(b, rho(block[:, a], block[:, b])) for b in range(len(members)) if b != a]
            kept = sorted([(b, p) for b, p in found if abs(p) >= threshold], key=lambda e: -abs(e[1]))
            directed[a] = kept[:10]
            graph.add_edges_from((a, b) for b, _ in directed[a])
        degree = np.array([graph.degree(a) for a in range(len(members))], float)
        for a, code in enumerate(members):
            peers = [b for b, _ in directed[a]]
            near = list(graph.neighbors(a))
            d1, d5 = one[peers][~np.isnan(one[peers])], five[peers][~np.isnan(five[peers])]
            std = degree.std(ddof=1) if len(members) > 1 else np.nan
            m1, m5 = (np.mean(d) if len(d) else np.nan for d in (d1, d5))
            out[int(rows[(session, code)])] = {
                "peer_count": len(peers),
                "peer_corr_mean": np.mean([p for _, p in directed[a]]) if peers else np.nan,
                "peer_ret_1d": m1,
                "peer_ret_5d": m5,
                "peer_ret_5d_std": np.std(d5, ddof=1) if len(d5) > 1 else np.nan,
                "ret_vs_peers_1d": one[a] - m1,
                "ret_vs_peers_5d": five[a] - m5,
                "graph_degree": degree[a],
                "graph_degree_z": (degree[a] - degree.mean()) / std if std > 0 else np.nan,
                "graph_comp_size": len(nx.node_connected_component(graph, a)),
                "graph_clustering": nx.clustering(graph, a) if len(near) > 1 else np.nan,
                "graph_avg_neigh_deg": np.mean(degree[near]) if near else np.nan,
                "graph_isolated": float(not near),
            }

frame = pd.DataFrame.from_dict(out, orient="index").reindex(range(int(stocks.row.max()) + 1))
columns = {}
for name in frame:
    values = frame[name].to_numpy(float)
    known = values[~np.isnan(values)]
    columns[name] = {
        "count": int(len(known)),
        "sum": float(known.sum()),
        "magnitude": float(np.abs(known).sum()),
        "samples": [None if np.isnan(v) else float(f"{v:.9g}") for v in values[::97]],
    }
golden = {
    "versions": {"numpy": np.__version__, "pandas": pd.__version__, "networkx": nx.__version__},
    "call": "test/golden/make/features_peers.py over test/golden/make/dump-market.ts",
    "sha256": hashlib.sha256(stocks_csv).hexdigest(),
    "parts": ["stocks"],
    "every": 97,
    "columns": columns,
}
with open("test/golden/features-peers.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
print({name: column["count"] for name, column in columns.items()})
