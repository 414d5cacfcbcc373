// What a worker thread does for labels: fills those of some codes at a time.

import { receiveMarket, tileCount, type SharedMarket } from "../features/index.ts";
import { takeTurns, type Block, type Turns } from "../workers/index.ts";
import { labelTiles, type LabelWork } from "./labels.ts";

export function fillLabels(
  _: Block,
  { turn, ...work }: LabelWork & Turns,
  market: SharedMarket,
): readonly never[] {
  const data = receiveMarket(market);
  labelTiles(data, work, takeTurns(turn, tileCount(data)));
  return [];
}
