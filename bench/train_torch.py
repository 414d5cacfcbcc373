"""The preset `small` of ATFT-GAT-FAN in PyTorch: the same blocks, batch, losses and optimiser as bench/train-case.ts, for its time alone.

Left out as too small to show: the linear path around the encoder and the gate of the market's state.
usage: python train_torch.py STOCKS THREADS REPEATS; prints one JSON object.
"""

import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

STOCKS, THREADS, REPEATS = (int(text) for text in sys.argv[1:4])
DAYS, TIME, FEATURES, WIDTH, HEADS, HORIZONS, QUANTILES, PEERS = 8, 20, 82, 64, 4, 4, 5, 15
FAMILIES = [10] * 8 + [2]
WINDOWS = (5, 10, 20)
LENGTH = DAYS + TIME - 1 + max(WINDOWS) - 1
SAMPLES = DAYS * STOCKS
LEVELS = torch.tensor([0.1, 0.25, 0.5, 0.75, 0.9])


class GatedResidual(nn.Module):
    def __init__(self, inputs, hidden, outputs, context=0):
        super().__init__()
        self.inner = nn.Linear(inputs, hidden)
        self.context = nn.Linear(context, hidden, bias=False) if context else None
        self.gate = nn.Linear(hidden, 2 * outputs)
        self.skip = nn.Linear(inputs, outputs) if inputs != outputs else None
        self.norm = nn.LayerNorm(outputs)

    def forward(self, x, context=None):
        hidden = self.inner(x)
        if context is not None:
            hidden = hidden + self.context(context)
        kept = x if self.skip is None else self.skip(x)
        return self.norm(kept + F.glu(self.gate(F.elu(hidden)), -1))


class GatedSkip(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(WIDTH, 2 * WIDTH)
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, skip, x):
        return self.norm(skip + F.glu(self.gate(x), -1))


class GraphAttention(nn.Module):
    """GATv2 over a fixed number of peers."""

    def __init__(self, width, is_averaged):
        super().__init__()
        self.width, self.is_averaged = width, is_averaged
        self.source = nn.Linear(WIDTH, HEADS * width)
        self.target = nn.Linear(WIDTH, HEADS * width)
        self.edge = nn.Linear(3, HEADS * width, bias=False)
        self.score = nn.Parameter(torch.randn(HEADS, width) / math.sqrt(width))
        self.bias = nn.Parameter(torch.zeros(width if is_averaged else HEADS * width))

    def forward(self, x, peers, present, edges):
        sources = self.source(x)[peers.view(-1)].view(SAMPLES, PEERS, HEADS, self.width)
        targets = self.target(x).view(SAMPLES, 1, HEADS, self.width)
        mixed = sources + targets + self.edge(edges).view(SAMPLES, PEERS, HEADS, self.width)
        scores = (F.leaky_relu(mixed, 0.2) * self.score).sum(-1)
        weights = torch.softmax(scores + (present[..., None] - 1) * 1e9, 1) * present[..., None]
        said = (F.dropout(weights, 0.1)[..., None] * sources).sum(1)
        return (said.mean(1) if self.is_averaged else said.reshape(SAMPLES, -1)) + self.bias


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.blend = nn.Parameter(torch.zeros(1 + len(WINDOWS), FEATURES))
        for window in WINDOWS:
            band = torch.zeros(LENGTH, LENGTH)
            for t in range(LENGTH):
                band[t, max(0, t - window + 1) : t + 1] = 1
            self.register_buffer(f"band{window}", band)
        self.sector = nn.Embedding(34, WIDTH)
        self.contexts = nn.ModuleList(GatedResidual(WIDTH, WIDTH, WIDTH) for _ in range(4))
        self.selection = GatedResidual(2 * FEATURES, WIDTH, FEATURES, WIDTH)
        self.embeddings = nn.ModuleList(nn.Linear(3 * n, WIDTH, bias=False) for n in FAMILIES)
        self.families = nn.ModuleList(GatedResidual(WIDTH, WIDTH, WIDTH) for _ in FAMILIES)
        self.lstm = nn.LSTM(WIDTH, WIDTH)
        self.after_lstm = GatedSkip()
        self.enrich = GatedResidual(WIDTH, WIDTH, WIDTH, WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH // HEADS)
        self.out = nn.Linear(WIDTH // HEADS, WIDTH)
        self.after_attention = GatedSkip()
        self.forward_block = GatedResidual(WIDTH, WIDTH, WIDTH)
        self.last = GatedSkip()
        self.first_graph = GraphAttention(WIDTH // HEADS, False)
        self.second_graph = GraphAttention(WIDTH, True)
        self.graph_norm = nn.LayerNorm(WIDTH)
        self.graph_gate = nn.Linear(2 * WIDTH, WIDTH)
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ELU(), nn.Dropout(0.1), nn.Linear(WIDTH, QUANTILES))
            for _ in range(HORIZONS)
        )

    def normalised(self, raw):
        missing = raw.isnan()
        x = torch.where(missing, 0.0, raw)
        seen = 1 - missing.float()
        weights = self.blend.softmax(0)
        total = x * weights[0]
        flat = lambda values: values.reshape(LENGTH, -1)
        for place, window in enumerate(WINDOWS):
            band = getattr(self, f"band{window}")
            count = (band @ flat(seen)).clamp(min=1)
            mean = band @ flat(x) / count
            variance = (band @ flat(x * x) / count - mean * mean).clamp(min=0)
            scaled = ((flat(x) - mean) / (variance + 1e-2).sqrt()).view_as(x)
            total = total + scaled * seen * weights[place + 1]
        kept = DAYS + TIME - 1
        return total[-kept:], 1 - seen[-kept:]

    def selected(self, x, missing, context):
        logits = self.selection(torch.cat([x, missing], -1), context[None]).split(FAMILIES, -1)
        shares = torch.cat([part.logsumexp(-1, keepdim=True) for part in logits], -1).softmax(-1)
        states = 0
        columns = zip(logits, x.split(FAMILIES, -1), missing.split(FAMILIES, -1))
        for place, (part, values, gaps) in enumerate(columns):
            within = part.softmax(-1)
            given = torch.cat([within * values, within, within * gaps], -1)
            embedded = self.families[place](self.embeddings[place](given))
            states = states + shares[..., place : place + 1] * embedded
        return F.dropout(states, 0.1)

    def forward(self, raw, sector, peers, present, edges):
        x, missing = self.normalised(raw)
        select, hidden, cell, enrich = (block(self.sector(sector)) for block in self.contexts)
        states = self.selected(x, missing, select)
        windows = states.unfold(0, TIME, 1)[-DAYS:].permute(3, 0, 1, 2).reshape(TIME, SAMPLES, WIDTH)
        each_day = lambda values: values.repeat(DAYS, 1)
        start = (each_day(hidden)[None].contiguous(), each_day(cell)[None].contiguous())
        local = self.after_lstm(windows, self.lstm(windows, start)[0])
        rich = self.enrich(local, each_day(enrich)[None])
        products = (self.key(rich) * self.query(rich[-1])).view(TIME, SAMPLES, HEADS, WIDTH // HEADS)
        weights = (products.sum(-1) / math.sqrt(WIDTH // HEADS)).softmax(0).mean(2, keepdim=True)
        attended = F.dropout(self.out((self.value(rich) * weights).sum(0)), 0.1)
        z = self.last(local[-1], self.forward_block(self.after_attention(rich[-1], attended)))
        first = F.elu(self.first_graph(z, peers, present, edges))
        said = self.graph_norm(self.second_graph(first, peers, present, edges))
        z = z + torch.sigmoid(self.graph_gate(torch.cat([z, said], -1)) / 1.25) * said
        quantiles = []
        for head in self.heads:
            raw_head = head(z)
            steps = F.softplus(raw_head[:, 1:]).cumsum(1)
            quantiles.append(torch.cat([raw_head[:, :1], raw_head[:, :1] + steps], 1))
        return torch.stack(quantiles, 1)


def correlation(a, b):
    a = a - a.mean(1, keepdim=True)
    b = b - b.mean(1, keepdim=True)
    return (a * b).sum(1) / ((a * a).sum(1) * (b * b).sum(1) + 1e-9).sqrt()


def loss_of(quantiles, labels):
    total = 0
    for place, weight in enumerate((1, 0.8, 0.6, 0.4)):
        forecast = quantiles[:, place].view(DAYS, STOCKS, QUANTILES)
        label = labels[:, :, place]
        gap = label[..., None] - forecast
        pinball = torch.maximum(LEVELS * gap, (LEVELS - 1) * gap).mean()
        score = forecast[..., 2]
        paired = min(256, STOCKS)
        some = score[:, :paired]
        width = 0.5 * some.std(1, keepdim=True)
        soft = torch.sigmoid((some[:, :, None] - some[:, None, :]) / width[..., None]).sum(2)
        ranks = label[:, :paired].argsort(1).argsort(1).float()
        held = score - score.mean(1, keepdim=True)
        held = held / held.abs().sum(1, keepdim=True)
        gain = (held * label).sum(1)
        total = total + weight * (
            0.7 * pinball
            + 0.2 * (1 - correlation(soft, ranks)).mean()
            + 0.15 * (1 - correlation(score, label)).mean()
            - 0.1 * gain.mean() / (gain.std() + 1e-3)
        )
    return total


torch.set_num_threads(THREADS)
torch.manual_seed(0)
network = Network()
optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4, fused=True)
averages = [parameter.detach().clone() for parameter in network.parameters()]
raw = torch.randn(LENGTH, STOCKS, FEATURES)
sector = torch.arange(STOCKS) % 34
peers = (torch.arange(SAMPLES * PEERS).view(SAMPLES, PEERS) * 7 + 1) % STOCKS
peers = peers + (torch.arange(SAMPLES) // STOCKS * STOCKS)[:, None]
present = torch.ones(SAMPLES, PEERS)
edges = torch.full((SAMPLES, PEERS, 3), 0.5)
labels = torch.randn(DAYS, STOCKS, HORIZONS)


def update():
    optimiser.zero_grad(set_to_none=True)
    loss = loss_of(network(raw, sector, peers, present, edges), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    torch._foreach_lerp_(averages, [parameter.detach() for parameter in network.parameters()], 1e-3)
    return loss.item()


update()
processor, wall = [], []
for _ in range(REPEATS):
    used, start = time.process_time(), time.perf_counter()
    update()
    processor.append(time.process_time() - used)
    wall.append(time.perf_counter() - start)
print(
    json.dumps(
        {
            "wallMs": min(wall) * 1e3,
            "processorMs": min(processor) * 1e3,
            "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "version": torch.__version__,
        }
    )
)
