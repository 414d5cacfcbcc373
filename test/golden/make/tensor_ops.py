"""Values and gradients of every tensor op by PyTorch, float64 rounded to float32's digits: test/golden/tensor-ops.json.

Run: /tmp/venv/bin/python test/golden/make/tensor_ops.py
"""

import hashlib
import json
import pathlib
import zlib

import numpy as np
import torch
import torch.nn.functional as F

CASES = {}


def values(rng, shape, low=-2.0, high=2.0):
    return np.asarray(rng.uniform(low, high, shape), dtype=np.float32)


def spaced(shape, shift=0.0):
    """Values at least 4 / size apart and away from 0, in random order: no ties and no kinks near."""
    return ("spaced", shape, shift)


def grid(rng, shape, shift):
    size = int(np.prod(shape))
    points = (np.arange(size) + 0.5) / size * 4 - 2
    return (rng.permutation(points).reshape(shape) + shift).astype(np.float32)


def pack(array):
    array = np.asarray(array)
    kind = {"f": "float32", "i": "int32", "b": "bool"}[array.dtype.kind]
    flat = array.reshape(-1)
    data = [float(f"{v:.9g}") for v in flat] if kind == "float32" else [int(v) for v in flat]
    return {"shape": list(array.shape), "dtype": kind, "data": data}


def case(name, call, run, **specs):
    """`specs` are shapes, (shape, low, high), or integer/bool arrays; `run` maps tensors to a tensor or a tuple."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    arrays = {}
    for key, spec in specs.items():
        if isinstance(spec, np.ndarray):
            arrays[key] = spec
        elif spec[0] == "spaced":
            arrays[key] = grid(rng, *spec[1:])
        elif len(spec) == 3 and isinstance(spec[0], (tuple, list)):
            arrays[key] = values(rng, *spec)
        else:
            arrays[key] = values(rng, spec)
    tensors = {
        key: torch.tensor(a, dtype=torch.float64, requires_grad=True) if a.dtype.kind == "f" else torch.tensor(a)
        for key, a in arrays.items()
    }
    outputs = run(*tensors.values())
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    cotangents = [values(rng, tuple(o.shape), -1, 1) for o in outputs]
    total = sum((o * torch.tensor(c, dtype=torch.float64)).sum() for o, c in zip(outputs, cotangents))
    floats = {key: t for key, t in tensors.items() if t.dtype == torch.float64}
    grads = (
        torch.autograd.grad(total, list(floats.values()), allow_unused=True)
        if getattr(total, "requires_grad", False)
        else [None] * len(floats)
    )
    CASES[name] = {
        "call": call,
        "inputs": {key: pack(a) for key, a in arrays.items()},
        "outputs": [pack(o.detach().numpy().astype(np.float32)) for o in outputs],
        "cotangents": [pack(c) for c in cotangents],
        "gradients": {
            key: pack((torch.zeros_like(t) if g is None else g).numpy().astype(np.float32))
            for (key, t), g in zip(floats.items(), grads)
        },
    }


def ints(*rows):
    return np.asarray(rows, dtype=np.int32)


POSITIVE = ((2, 3, 4), 0.3, 2.0)

case("add", "a + b", lambda a, b: a + b, a=(2, 3, 4), b=(3, 1))
case("sub", "a - b", lambda a, b: a - b, a=(3, 1), b=(2, 3, 4))
case("mul", "a * b", lambda a, b: a * b, a=(2, 3, 4), b=(4,))
case("div", "a / b", lambda a, b: a / b, a=(2, 3, 4), b=((3, 4), 0.5, 2.0))
case("pow", "a ** b", lambda a, b: a**b, a=((2, 3), 0.3, 2.0), b=(3,))
case("powScalar", "a ** 3", lambda a: a**3, a=(2, 3))
case("maximum", "torch.maximum", torch.maximum, a=spaced((2, 3, 4)), b=spaced((3, 4), 0.05))
case("minimum", "torch.minimum", torch.minimum, a=spaced((2, 3, 4)), b=spaced((3, 4), 0.05))
for name, fn in {
    "neg": torch.neg, "abs": torch.abs, "sign": torch.sign, "exp": torch.exp, "sin": torch.sin, "cos": torch.cos,
    "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "softplus": F.softplus, "floor": torch.floor,
    "round": torch.round, "erf": torch.erf, "gelu": F.gelu, "elu": F.elu, "silu": F.silu, "square": torch.square,
}.items():
    case(name, f"torch.{name}", lambda a, fn=fn: fn(a), a=spaced((2, 3, 4)))
case("log", "torch.log", torch.log, a=POSITIVE)
case("sqrt", "torch.sqrt", torch.sqrt, a=POSITIVE)
case("reciprocal", "torch.reciprocal", torch.reciprocal, a=POSITIVE)
case("leakyRelu", "F.leaky_relu(a, 0.2)", lambda a: F.leaky_relu(a, 0.2), a=spaced((2, 3, 4)))
case("glu", "F.glu(a, -1)", lambda a: F.glu(a, -1), a=(2, 3, 4))
case("gated", "value * sigmoid(gate)", lambda value, gate: value * torch.sigmoid(gate), value=(3, 4), gate=(3, 4))

case("reduceSum", "a.sum((0, 2))", lambda a: a.sum((0, 2)), a=(2, 3, 4))
case("reduceSumKeep", "a.sum(1, keepdim=True)", lambda a: a.sum(1, keepdim=True), a=(2, 3, 4))
case("reduceMean", "a.mean(-1)", lambda a: a.mean(-1), a=(2, 3, 4))
case("reduceMeanAll", "a.mean()", lambda a: a.mean(), a=(2, 3, 4))
case("reduceMax", "a.amax((0, 2))", lambda a: a.amax((0, 2)), a=spaced((2, 3, 4)))
case("reduceMin", "a.amin(1)", lambda a: a.amin(1), a=spaced((2, 3, 4)))
case("variance", "a.var(1, correction=1)", lambda a: a.var(1, correction=1), a=(2, 5, 3))
case("std", "a.std(-1, correction=0)", lambda a: a.std(-1, correction=0), a=(2, 3, 5))
case("logSumExp", "a.logsumexp(-1)", lambda a: a.logsumexp(-1), a=(2, 3, 4))
case("vectorNorm", "a.norm(dim=-1)", lambda a: a.norm(dim=-1), a=(2, 3, 4))

case("matmul", "a @ b, 2-D", lambda a, b: a @ b, a=(3, 4), b=(4, 5))
case("matmulTA", "a.T @ b", lambda a, b: a.T @ b, a=(4, 3), b=(4, 5))
case("matmulTB", "a @ b.T", lambda a, b: a @ b.T, a=(3, 4), b=(5, 4))
case("matmulTT", "a.T @ b.T", lambda a, b: a.T @ b.T, a=(4, 3), b=(5, 4))
case("matmulFlat", "a @ b, 3-D by 2-D", lambda a, b: a @ b, a=(2, 3, 4), b=(4, 5))
case("matmulFlatTB", "a @ b.T, 3-D by 2-D", lambda a, b: a @ b.T, a=(2, 3, 4), b=(5, 4))
case("matmulBatch", "a @ b, batches", lambda a, b: a @ b, a=(2, 3, 4), b=(2, 4, 5))
case("matmulBatchTA", "a.mT @ b", lambda a, b: a.mT @ b, a=(2, 4, 3), b=(2, 4, 5))
case("matmulBatchTB", "a @ b.mT", lambda a, b: a @ b.mT, a=(2, 3, 4), b=(2, 5, 4))
case("matmulBatchTT", "a.mT @ b.mT", lambda a, b: a.mT @ b.mT, a=(2, 4, 3), b=(2, 5, 4))
case("matmulBroadcast", "a @ b, batches broadcast", lambda a, b: a @ b, a=(3, 1, 2, 4), b=(2, 4, 5))
case("matmulRowsFirst", "a.permute(1, 0, 2) @ b.permute(1, 2, 0)",
     lambda a, b: a.permute(1, 0, 2) @ b.permute(1, 2, 0), a=(3, 2, 4), b=(5, 2, 4))
case("dot", "(a * b).sum(-1)", lambda a, b: (a * b).sum(-1), a=(2, 3), b=(2, 3))
case("outer", "a[..., :, None] * b[..., None, :]", lambda a, b: a[..., :, None] * b[..., None, :], a=(2, 3), b=(2, 4))

case("reshape", "a.reshape(4, 6)", lambda a: a.reshape(4, 6), a=(2, 3, 4))
case("expandDims", "a.unsqueeze(1)", lambda a: a.unsqueeze(1), a=(2, 3))
case("transpose", "a.permute(2, 0, 1)", lambda a: a.permute(2, 0, 1), a=(2, 3, 4))
case("broadcastTo", "a.expand(2, 3, 4)", lambda a: a.expand(2, 3, 4), a=(3, 1))
case("stopGradient", "a.detach() * a", lambda a: a.detach() * a, a=(2, 3))
case("split", "a.split([1, 3], 1)", lambda a: a.split([1, 3], 1), a=(2, 4))
case("unstack", "a.unbind(1)", lambda a: a.unbind(1), a=(2, 3))
case("concat", "torch.cat([a, b], 1)", lambda a, b: torch.cat([a, b], 1), a=(2, 3), b=(2, 2))
case("stack", "torch.stack([a, b], 1)", lambda a, b: torch.stack([a, b], 1), a=(2, 3), b=(2, 3))
case("slice", "a[:, 1:3]", lambda a: a[:, 1:3], a=(2, 4))
case("slices", "a[:, 0:2] * a[:, 2:4] + a[:, 3:5]", lambda a: a[:, 0:2] * a[:, 2:4] + a[:, 3:5], a=(2, 5))
case("tiles", "a[:2] * a[2:4] + a[4:]", lambda a: a[:2] * a[2:4] + a[4:], a=(6, 3))
case("at", "a[:, -1]", lambda a: a[:, -1], a=(2, 3, 4))
case("pad", "F.pad(a, (1, 2))", lambda a: F.pad(a, (1, 2)), a=(2, 3))

CONDITION = np.asarray([[True, False, True], [False, False, True]])
case("where", "torch.where(c, a, b)", lambda c, a, b: torch.where(c, a, b), c=CONDITION, a=(2, 3), b=(3,))
case("gather", "a[i]", lambda a, i: a[i.long()], a=(4, 3), i=ints([0, 2], [2, 3]))
case("gatherAxis", "a[:, i]", lambda a, i: a[:, i.long()], a=(2, 4, 3), i=ints([0, 2], [2, 3]))
case("scatterAdd", "zeros(4, 3).index_add(0, i, a)",
     lambda a, i: torch.zeros(4, 3, dtype=torch.float64).index_add(0, i.long().reshape(-1), a.reshape(4, 3)),
     a=(2, 2, 3), i=ints([0, 2], [2, 1]))
case("takeAlongAxis", "a.gather(1, i)", lambda a, i: a.gather(1, i.long()), a=(2, 4), i=ints([0, 3, 3], [1, 1, 2]))
case("topK", "a.topk(2, -1)[0]", lambda a: a.topk(2, -1)[0], a=spaced((3, 5)))
case("sort", "a.sort(0)[0]", lambda a: a.sort(0)[0], a=spaced((4, 3)))
case("cumulativeSum", "a.cumsum(1)", lambda a: a.cumsum(1), a=(2, 4))
case("softmax", "a.softmax(1)", lambda a: a.softmax(1), a=(2, 3, 4))
case("logSoftmax", "a.log_softmax(-1)", lambda a: a.log_softmax(-1), a=(2, 3, 4))
case("layerNorm", "F.layer_norm(x, (5,), scale, bias)", lambda x, scale, bias: F.layer_norm(x, (5,), scale, bias),
     x=(2, 3, 5), scale=(5,), bias=(5,))
case("realDft", "torch.fft.rfft", lambda a: (torch.fft.rfft(a).real, torch.fft.rfft(a).imag), a=(2, 7))
case("inverseRealDft", "torch.fft.irfft(complex(r, i), n=6)",
     lambda r, i: torch.fft.irfft(torch.complex(r, i), n=6), r=(2, 4), i=(2, 4))


def lstm(x, h, c, wi, wh):
    gates = x @ wi + h @ wh
    i, f, g, o = gates.chunk(4, -1)
    cell = torch.nn.LSTMCell(2, 3).double()
    cell.weight_ih, cell.weight_hh = torch.nn.Parameter(wi.T), torch.nn.Parameter(wh.T)
    cell.bias_ih, cell.bias_hh = (torch.nn.Parameter(torch.zeros(12, dtype=torch.float64)) for _ in range(2))
    reference = cell(x, (h, c))
    nc = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    nh = torch.sigmoid(o) * torch.tanh(nc)
    assert torch.allclose(nh, reference[0]) and torch.allclose(nc, reference[1])
    return nh, nc


def gru(x, h, wi, wh):
    cell = torch.nn.GRUCell(2, 3).double()
    cell.weight_ih, cell.weight_hh = torch.nn.Parameter(wi.T), torch.nn.Parameter(wh.T)
    cell.bias_ih, cell.bias_hh = (torch.nn.Parameter(torch.zeros(9, dtype=torch.float64)) for _ in range(2))
    (ri, zi, ni), (rh, zh, nh) = (x @ wi).chunk(3, -1), (h @ wh).chunk(3, -1)
    r, z = torch.sigmoid(ri + rh), torch.sigmoid(zi + zh)
    n = torch.tanh(ni + r * nh)
    out = n + z * (h - n)
    assert torch.allclose(out, cell(x, h))
    return out


case("lstmCell", "torch.nn.LSTMCell", lstm, x=(4, 2), h=(4, 3), c=(4, 3), wi=(2, 12), wh=(3, 12))
case("gruCell", "torch.nn.GRUCell", gru, x=(4, 2), h=(4, 3), wi=(2, 9), wh=(3, 9))

path = pathlib.Path(__file__).parent.parent / "tensor-ops.json"
versions = json.dumps({"torch": torch.__version__.split("+")[0], "numpy": np.__version__})
sha256 = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()  # of this script: the file is as old as its calls
lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in CASES.items())
path.write_text(f'{{"versions":{versions},"sha256":"{sha256}","cases":{{\n{lines}\n}}}}\n')
print(len(CASES), "cases")
