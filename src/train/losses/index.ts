// Losses: all masked, so that an unknown return has no gradient; all within the day, so that no day ranks against another.

export { icLoss } from "./information-coefficient.ts";
export { type DayScores, maskedMean } from "./masked.ts";
export { directionLoss, listNetLoss, rankNetLoss, varianceFloorLoss } from "./pairs.ts";
export { huberLoss, pinballLoss, type QuantileForecast, studentLoss } from "./pinball.ts";
export { exposureLoss, neutralWeights, sharpeLoss, turnoverLoss } from "./portfolio.ts";
export { softRankLoss, softRanks } from "./soft-rank.ts";
export { type LossInput, type LossOptions, totalLoss } from "./total.ts";
