// How each golden case of tensor-nn.json is built here; `p` is the tree of parameters.

import { atftPreset, type AtftSpec } from "../../../src/model/atft/index.ts";
import { splitFrequencies } from "../../../src/model/atft/sequence-norm.ts";
import type { VariableSelection } from "../../../src/model/atft/variable-selection.ts";
import { variableSelection } from "../../../src/model/atft/variable-selection.ts";
import {
  directionLoss,
  huberLoss,
  icLoss,
  listNetLoss,
  pinballLoss,
  rankNetLoss,
  sharpeLoss,
  softRankLoss,
  studentLoss,
  turnoverLoss,
  type DayScores,
} from "../../../src/train/losses/index.ts";
import type { Tensor } from "../../../src/tensor/index.ts";
import * as nn from "../../../src/tensor/nn/index.ts";

interface Case<P> {
  readonly p: P;
  readonly x: Tensor;
}

type GatCase = Case<nn.GraphAttention> & {
  readonly neighbours: Tensor;
  readonly present: Tensor;
  readonly edges: Tensor;
};

interface SelectionCase extends Case<VariableSelection> {
  readonly observed: Tensor;
  readonly context: Tensor;
}

function spec(selection: "grouped" | "full"): AtftSpec {
  const features = ["a", "a", "b", "b", "b"].map((family, i) => ({ name: `f${i}`, family }));
  const config = atftPreset("smoke", {
    hidden: 6,
    heads: 2,
    selection,
    graph: { ...atftPreset("smoke").graph, neighbours: 3, heads: 2, dropout: 0 },
  });
  return { config, features, statics: [] };
}

function select(selection: "grouped" | "full") {
  return ({ p, ...input }: SelectionCase) => {
    const { states, weights } = variableSelection(p, spec(selection), input);
    return [states, weights];
  };
}

function gat({ p, x, neighbours, present, edges }: GatCase) {
  const hood = { neighbours, present, edgeAttributes: edges };
  const { outputs, weights } = nn.graphAttention(p, x, hood);
  return [outputs, weights];
}

export const builds: Readonly<Record<string, (inputs: never) => Tensor | readonly Tensor[]>> = {
  linear: ({ p, x }: Case<nn.Linear>) => nn.linear(p, x),
  gatedLinearUnit: ({ p, x }: Case<nn.GatedLinearUnit>) => nn.gatedLinearUnit(p, x),
  norm: ({ p, x }: Case<nn.Norm>) => nn.norm(p, x),
  gatedResidual: ({ p, x, c }: Case<nn.GatedResidual> & { c: Tensor }) =>
    nn.gatedResidual(p, x, { context: c }),
  embedding: ({ p, i }: { p: nn.Embedding; i: Tensor }) => nn.embedding(p, i),
  lstm: ({ p, x, h0, c0 }: Case<nn.Lstm> & { h0: Tensor; c0: Tensor }) => {
    const { outputs, state } = nn.lstm(p, x, { hidden: h0, cell: c0 });
    return [outputs, state.hidden, state.cell];
  },
  gru: ({ p, x }: Case<nn.Gru>) => {
    const { outputs, state } = nn.gru(p, x);
    return [outputs, state];
  },
  attention: ({ p, x }: Case<nn.Attention>) => {
    const { outputs, weights } = nn.attention(p, x, { heads: 2, bias: nn.causalBias(5) });
    return [outputs, weights];
  },
  interpretableAttention: ({ p, x }: Case<nn.Attention>) => {
    const options = { heads: 2, bias: nn.causalBias(5) };
    const { outputs, weights } = nn.interpretableAttention(p, x, options);
    return [outputs, weights];
  },
  graphAttention: gat,
  graphAttentionAveraged: gat,
  variableSelectionGrouped: select("grouped"),
  variableSelectionFull: select("full"),
  splitFrequencies: ({ x }: { x: Tensor }) => {
    const { residual, main } = splitFrequencies(x, 2);
    return [residual, main];
  },
  pinballLoss: (data: { quantiles: Tensor; label: Tensor; mask: Tensor }) =>
    pinballLoss(data, [0.1, 0.5, 0.9]),
  huberLoss: (data: DayScores) => huberLoss(data, 0.7),
  icLoss: (data: DayScores) => icLoss(data),
  softRankLoss: (data: DayScores) => softRankLoss(data),
  sharpeLoss: (data: DayScores) => sharpeLoss(data),
  turnoverLoss: (data: DayScores) => turnoverLoss(data),
  rankNetLoss: (data: DayScores) => rankNetLoss(data),
  listNetLoss: (data: DayScores) => listNetLoss(data),
  directionLoss: (data: DayScores) => directionLoss(data),
  studentLoss: (data: DayScores) => studentLoss(data),
};
