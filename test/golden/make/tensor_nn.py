"""Layers, network blocks, losses and optimisers in PyTorch (float64): values and gradients. Writes tensor-nn.json."""

import json
import math
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
cases = {}


def rand(*shape, scale=0.5):
    return (torch.randn(*shape) * scale).requires_grad_()


def packed(x):
    x = x.detach()
    dtype = "int32" if x.dtype in (torch.int64, torch.int32) else "float32"
    return {"shape": list(x.shape), "dtype": dtype, "data": [float(f"{v:.9g}") for v in x.flatten().tolist()]}


def flat(tree, path=""):
    if isinstance(tree, torch.Tensor):
        return {path: tree}
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return {k: v for key, child in items for k, v in flat(child, f"{path}.{key}" if path else str(key)).items()}


def case(name, inputs, outputs):
    """`inputs` is a tree of tensors; `outputs` a list; cotangents are random."""
    inputs = flat(inputs)
    cotangents = [torch.randn_like(y) for y in outputs]
    total = sum((y * c).sum() for y, c in zip(outputs, cotangents))
    leaves = {k: v for k, v in inputs.items() if v.requires_grad}
    gradients = torch.autograd.grad(total, list(leaves.values()), allow_unused=True, retain_graph=True)
    cases[name] = {
        "inputs": {k: packed(v) for k, v in inputs.items()},
        "outputs": [packed(y) for y in outputs],
        "cotangents": [packed(c) for c in cotangents],
        "gradients": {k: packed(torch.zeros_like(v) if g is None else g) for (k, v), g in zip(leaves.items(), gradients)},
    }


def linear(i, o):
    return {"weight": rand(i, o), "bias": rand(o)}


def lin(p, x):
    return x @ p["weight"] + p["bias"]


def norm(d):
    return {"scale": rand(d), "bias": rand(d)}


def ln(p, x):
    return F.layer_norm(x, (x.shape[-1],), p["scale"], p["bias"])


def grn(i, h, o, c=0):
    p = {"inner": linear(i, h)}
    if c:
        p["context"] = rand(c, h)
    p["gate"] = {"value": linear(h, o), "gate": linear(h, o)}
    if i != o:
        p["skip"] = linear(i, o)
    p["norm"] = norm(o)
    return p


def glu(p, x):
    return F.glu(torch.cat([lin(p["value"], x), lin(p["gate"], x)], -1), -1)


def run_grn(p, x, c=None):
    a = lin(p["inner"], x) + (c @ p["context"] if c is not None else 0)
    skip = lin(p["skip"], x) if "skip" in p else x
    return ln(p["norm"], skip + glu(p["gate"], F.elu(a)))


def lstm_case():
    T, B, I, H = 4, 3, 5, 6
    x, h0, c0 = rand(T, B, I), rand(B, H), rand(B, H)
    p = {g: {"inputs": linear(I, H), "hidden": rand(H, H)} for g in ("input", "forget", "cell", "output")}
    order = ("input", "forget", "cell", "output")
    wi = torch.cat([p[g]["inputs"]["weight"].T for g in order])
    bi = torch.cat([p[g]["inputs"]["bias"] for g in order])
    wh = torch.cat([p[g]["hidden"].T for g in order])
    y, h, c = torch._VF.lstm(x, (h0[None], c0[None]), [wi, wh, bi, torch.zeros_like(bi)], True, 1, 0.0, False, False, False)
    case("lstm", {"p": p, "x": x, "h0": h0, "c0": c0}, [y, h[0], c[0]])


def gru_case():
    T, B, I, H = 4, 3, 5, 6
    x = rand(T, B, I)
    p = {
        "reset": {"inputs": linear(I, H), "hidden": rand(H, H)},
        "update": {"inputs": linear(I, H), "hidden": rand(H, H)},
        "candidate": {"inputs": linear(I, H), "hidden": linear(H, H)},
    }
    wi = torch.cat([p[g]["inputs"]["weight"].T for g in ("reset", "update", "candidate")])
    bi = torch.cat([p[g]["inputs"]["bias"] for g in ("reset", "update", "candidate")])
    wh = torch.cat([p["reset"]["hidden"].T, p["update"]["hidden"].T, p["candidate"]["hidden"]["weight"].T])
    bh = torch.cat([torch.zeros(2 * H), p["candidate"]["hidden"]["bias"]])
    y, h = torch._VF.gru(x, torch.zeros(1, B, H), [wi, wh, bi, bh], True, 1, 0.0, False, False, False)
    case("gru", {"p": p, "x": x}, [y, h[0]])


def attention_cases():
    B, T, D, A = 2, 5, 8, 2
    p = {k: linear(D, D) for k in ("query", "key", "value", "out")}
    x = rand(B, T, D)
    causal = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
    y, w = F.multi_head_attention_forward(
        x.transpose(0, 1), x.transpose(0, 1), x.transpose(0, 1), D, A, None,
        torch.cat([p[k]["bias"] for k in ("query", "key", "value")]), None, None, False, 0.0,
        p["out"]["weight"].T, p["out"]["bias"], training=False, need_weights=True, attn_mask=causal,
        use_separate_proj_weight=True, q_proj_weight=p["query"]["weight"].T, k_proj_weight=p["key"]["weight"].T,
        v_proj_weight=p["value"]["weight"].T,
        average_attn_weights=False,
    )[:2]
    case("attention", {"p": p, "x": x}, [y.transpose(0, 1), w])
    p = {"query": linear(D, D), "key": linear(D, D), "value": linear(D, D // A), "out": linear(D // A, D)}
    x = rand(B, T, D)
    q, k = (lin(p[n], x).view(B, T, A, D // A).transpose(1, 2) for n in ("query", "key"))
    w = (q @ k.transpose(-1, -2) / math.sqrt(D // A)).masked_fill(causal, -math.inf).softmax(-1)
    heads = [w[:, a] @ lin(p["value"], x) for a in range(A)]
    case("interpretableAttention", {"p": p, "x": x}, [lin(p["out"], torch.stack(heads).mean(0)), w])


def gat_case(name, averaged):
    N, I, A, D, K, E = 6, 5, 2, 4, 3, 3
    x = rand(N, I)
    p = {"source": linear(I, A * D), "target": linear(I, A * D), "edge": rand(E, A * D), "score": rand(A, D),
         "bias": rand(D if averaged else A * D)}
    lists = torch.tensor([[1, 2, 3], [0, 2, 0], [0, 0, 0], [5, 4, 1], [3, 0, 0], [2, 4, 1]])
    present = torch.tensor([[1, 1, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1], [1, 0, 0], [1, 1, 1]], dtype=torch.float64)
    edges = torch.randn(N, K, E)
    s, t = lin(p["source"], x).view(N, A, D), lin(p["target"], x).view(N, A, D)
    out, weights = [], torch.zeros(N, K, A)
    for i in range(N):
        mine = [j for j in range(K) if present[i, j] == 1]
        if not mine:
            out.append(torch.zeros(A, D))
            continue
        e = torch.stack([(F.leaky_relu(s[lists[i, j]] + t[i] + (edges[i, j] @ p["edge"]).view(A, D), 0.2) * p["score"]).sum(-1) for j in mine])
        alpha = e.softmax(0)
        for row, j in enumerate(mine):
            weights[i, j] = alpha[row]
        out.append(sum(alpha[row][:, None] * s[lists[i, j]] for row, j in enumerate(mine)))
    y = torch.stack(out)
    y = (y.mean(1) if averaged else y.reshape(N, A * D)) + p["bias"]
    case(name, {"p": p, "x": x, "neighbours": lists, "present": present, "edges": edges}, [y, weights])


def selection_case():
    L, S, H, sizes = 3, 4, 6, [2, 3]
    Fn = sum(sizes)
    x = torch.randn(L, S, Fn)
    observed = (torch.rand(L, S, Fn) > 0.2).double()
    x = x * observed
    context = rand(S, H)
    p = {"weights": grn(2 * Fn, H, Fn, H), "families": [{"embedding": rand(3 * n, H), "residual": grn(H, H, H)} for n in sizes]}
    logits = run_grn(p["weights"], torch.cat([x, 1 - observed], -1), context[None])
    v = logits.softmax(-1)
    states, start = 0, 0
    for n, f in zip(sizes, p["families"]):
        own = slice(start, start + n)
        share = v[..., own].sum(-1, keepdim=True)
        u = v[..., own] / share
        e = torch.cat([u * x[..., own], u, u * (1 - observed[..., own])], -1) @ f["embedding"]
        states = states + share * run_grn(f["residual"], e)
        start += n
    case("variableSelectionGrouped", {"p": p, "x": x, "observed": observed, "context": context}, [states, v])
    q = {"weights": grn(2 * Fn, H, Fn, H), "each": {}}
    for n in ("slope", "offset", "missing", "innerBias", "valueBias", "gateBias", "scale", "shift"):
        q["each"][n] = rand(Fn, 1, H)
    for n in ("inner", "value", "gate"):
        q["each"][n] = rand(Fn, H, H)
    each = q["each"]
    v = run_grn(q["weights"], torch.cat([x, 1 - observed], -1), context[None]).softmax(-1)
    total = 0
    for f in range(Fn):
        e = x[..., f, None] * each["slope"][f] + each["offset"][f] + (1 - observed[..., f, None]) * each["missing"][f]
        a = F.elu(e @ each["inner"][f] + each["innerBias"][f])
        g = (a @ each["value"][f] + each["valueBias"][f]) * torch.sigmoid(a @ each["gate"][f] + each["gateBias"][f])
        total = total + v[..., f, None] * (F.layer_norm(e + g, (H,)) * each["scale"][f] + each["shift"][f])
    case("variableSelectionFull", {"p": q, "x": x, "observed": observed, "context": context}, [total, v])


def frequency_case():
    T, N, Fn, K = 8, 3, 2, 2
    x = rand(T, N, Fn)
    spectrum = torch.fft.rfft(x, dim=0)
    power = spectrum.abs() ** 2
    keep = power >= power.topk(K, dim=0).values[-1:]
    main = torch.fft.irfft(spectrum * keep, n=T, dim=0)
    case("splitFrequencies", {"x": x}, [x - main, main.reshape(T, -1)])


def loss_cases():
    D, S, Q = 3, 5, 3
    levels = [0.1, 0.5, 0.9]
    quantiles = torch.randn(D, S, Q).sort(-1).values.requires_grad_()
    label = torch.randn(D, S)
    mask = (torch.rand(D, S) > 0.25).double()
    e = label[..., None] - quantiles
    tau = torch.tensor(levels)
    pin = torch.maximum(tau * e, (tau - 1) * e).mean(-1)
    data = {"quantiles": quantiles, "label": label, "mask": mask}
    case("pinballLoss", data, [(pin * mask).sum() / mask.sum()])
    score = rand(D, S)
    data = {"score": score, "label": label, "mask": mask}
    case("huberLoss", data, [(F.huber_loss(score, label, reduction="none", delta=0.7) * mask).sum() / mask.sum()])
    ics, ranks = [], []
    for d in range(D):
        k = mask[d] == 1
        s, y = score[d][k], label[d][k]
        ics.append(torch.corrcoef(torch.stack([s, y]))[0, 1])
        t = 0.5 * s.std(unbiased=False)
        soft = 0.5 + torch.sigmoid((s[:, None] - s[None]) / t).sum(1)
        ranks.append(torch.corrcoef(torch.stack([soft, y.argsort().argsort().double() + 1]))[0, 1])
    case("icLoss", data, [1 - torch.stack(ics).mean()])
    case("softRankLoss", data, [1 - torch.stack(ranks).mean()])
    count = mask.sum(1, keepdim=True)
    centred = (score - (score * mask).sum(1, keepdim=True) / count) * mask
    w = centred / (centred.abs().sum(1, keepdim=True) + 1e-8)
    pnl = (w * label).sum(1)
    case("sharpeLoss", data, [-pnl.mean() / ((pnl.var(unbiased=False) + 1e-12).sqrt() + 1e-3)])
    case("turnoverLoss", data, [(w[1:] - w[:-1]).abs().sum() / (D - 1)])
    pairs, pair_count = 0, 0
    for d in range(D):
        for i in range(S):
            for j in range(S):
                if mask[d, i] * mask[d, j] == 1 and label[d, i] > label[d, j]:
                    pairs = pairs + F.softplus(score[d, j] - score[d, i])
                    pair_count += 1
    case("rankNetLoss", data, [pairs / pair_count])
    terms = []
    for d in range(D):
        k = mask[d] == 1
        terms.append(-(label[d][k].softmax(0) * score[d][k].log_softmax(0)).sum())
    case("listNetLoss", data, [torch.stack(terms).mean()])
    bce = F.binary_cross_entropy_with_logits(score, (label > 0).double(), reduction="none")
    case("directionLoss", data, [(bce * mask).sum() / mask.sum()])
    t = torch.log1p((label - score) ** 2 / 5) * 3
    case("studentLoss", data, [(t * mask).sum() / mask.sum()])


def optimizer_cases():
    target = torch.randn(4, 3)
    start = {"weight": torch.randn(4, 3), "bias": torch.randn(3)}
    x = torch.randn(6, 4)
    result = {}
    for name, make in {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
        "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.02),
        "adamW": lambda p: torch.optim.AdamW(
            [{"params": p[:1]}, {"params": p[1:], "weight_decay": 0.0, "lr": 0.005}], lr=0.01, weight_decay=0.1
        ),
        "clipped": lambda p: torch.optim.SGD(p, lr=0.05),
    }.items():
        params = [start["weight"].clone().requires_grad_(), start["bias"].clone().requires_grad_()]
        optimizer = make(params)
        norms = []
        for _ in range(5):
            optimizer.zero_grad()
            loss = ((x @ params[0] + params[1] - x @ target) ** 2).mean()
            loss.backward()
            if name == "clipped":
                norms.append(float(torch.nn.utils.clip_grad_norm_(params, 0.5)))
            optimizer.step()
        result[name] = {"weight": packed(params[0]), "bias": packed(params[1]), "norms": norms}
    dummy = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    cycle = torch.optim.lr_scheduler.OneCycleLR(dummy, max_lr=0.1, total_steps=20)
    rates = []
    for _ in range(20):
        rates.append(cycle.get_last_lr()[0])
        dummy.step()
        cycle.step()
    dummy = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(dummy, T_max=10, eta_min=0.01)
    falling = []
    for _ in range(11):
        falling.append(cosine.get_last_lr()[0])
        dummy.step()
        cosine.step()
    return {"x": packed(x), "target": packed(target), "start": {k: packed(v) for k, v in start.items()},
            "after": result, "oneCycle": rates, "cosine": falling}


x = rand(3, 4)
p = linear(4, 5)
case("linear", {"p": p, "x": x}, [lin(p, x)])
p = {"value": linear(4, 5), "gate": linear(4, 5)}
case("gatedLinearUnit", {"p": p, "x": x}, [glu(p, x)])
p = norm(4)
case("norm", {"p": p, "x": x}, [ln(p, x)])
p = grn(4, 5, 6, 3)
c = rand(3, 3)
case("gatedResidual", {"p": p, "x": x, "c": c}, [run_grn(p, x, c)])
p = {"table": rand(5, 3)}
i = torch.tensor([[0, 4], [2, 2]])
case("embedding", {"p": p, "i": i}, [F.embedding(i, p["table"])])
lstm_case()
gru_case()
attention_cases()
gat_case("graphAttention", False)
gat_case("graphAttentionAveraged", True)
selection_case()
frequency_case()
loss_cases()
document = {
    "versions": {"torch": torch.__version__, "numpy": numpy.__version__},
    "call": "python test/golden/make/tensor_nn.py",
    "cases": cases,
    "optimizers": optimizer_cases(),
}
Path(__file__).parent.parent.joinpath("tensor-nn.json").write_text(json.dumps(document) + "\n")
