// Rows of /markets/short-ratio and /markets/breakdown.

import { otherSectorNames, sectors } from "./code-tables.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import { wholeDayOf } from "./daily-bars.ts";
import type { MarketRow } from "./types.ts";

/** Sales of each industry split into three parts that add up to its turnover; no rows on 2020-10-01. */
export function shortRatio(market: MarketContext, query: RowQuery): MarketRow[] {
  const rows: MarketRow[] = [];
  const codes = [...sectors.map((sector) => sector.s33), otherSectorNames.s33];
  for (let d = query.first; d <= query.last; d += 1) {
    if (d === market.sessions.haltIndex) continue;
    const turnovers = market.turnovers.industries(d);
    const rng = market.rng.split(`short-ratio/${d}`);
    const common = 0.02 * rng.normal();
    codes.forEach((s33, i) => {
      const share = Math.max(0.1, Math.min(0.75, 0.41 + common + 0.04 * rng.normal()));
      const restricted = Math.max(0.3, Math.min(0.98, 0.82 + 0.05 * rng.normal()));
      if (turnovers[i] <= 0 || (query.code !== undefined && query.code !== s33)) return;
      const short = Math.round(turnovers[i] * share);
      const withRestrictions = Math.round(short * restricted);
      rows.push({
        Date: market.sessions.iso(d),
        S33: s33,
        SellExShortVa: turnovers[i] - short,
        ShrtWithResVa: withRestrictions,
        ShrtNoResVa: short - withRestrictions,
      });
    });
  }
  return rows;
}

/** A cell's turnover and volume by kind of order: sales add up to them, and so do purchases. */
export function breakdown(market: MarketContext, query: RowQuery): MarketRow[] {
  const rows: MarketRow[] = [];
  const stream = market.rng.split("breakdown");
  for (let d = query.first; d <= query.last; d += 1) {
    for (const issue of query.issues) {
      if (d < issue.listed || d >= issue.delisted) continue;
      const { turnover, volume } = wholeDayOf(market, d * market.prices.issues + issue.index);
      if (turnover === null || volume === null) continue;
      const rng = stream.split(`${issue.code}/${d}`);
      const short = 0.3 + 0.1 * rng.uniform();
      const marginSell = 0.05 + 0.1 * rng.uniform();
      const marginBuy = 0.06 + 0.1 * rng.uniform();
      const shares = {
        sell: [short, marginSell * 0.3, marginSell * 0.7],
        buy: [marginBuy * 0.65, marginBuy * 0.35],
      };
      const [LongSellVa, ShrtNoMrgnVa, MrgnSellNewVa, MrgnSellCloseVa] = divide(
        turnover,
        shares.sell,
      );
      const [LongBuyVa, MrgnBuyNewVa, MrgnBuyCloseVa] = divide(turnover, shares.buy);
      const [LongSellVo, ShrtNoMrgnVo, MrgnSellNewVo, MrgnSellCloseVo] = divide(
        volume,
        shares.sell,
      );
      const [LongBuyVo, MrgnBuyNewVo, MrgnBuyCloseVo] = divide(volume, shares.buy);
      rows.push({
        Date: market.sessions.iso(d),
        Code: issue.code,
        LongSellVa,
        ShrtNoMrgnVa,
        MrgnSellNewVa,
        MrgnSellCloseVa,
        LongBuyVa,
        MrgnBuyNewVa,
        MrgnBuyCloseVa,
        LongSellVo,
        ShrtNoMrgnVo,
        MrgnSellNewVo,
        MrgnSellCloseVo,
        LongBuyVo,
        MrgnBuyNewVo,
        MrgnBuyCloseVo,
      });
    }
  }
  return rows;
}

/** The remainder first, then one whole part a share. */
function divide(total: number, shares: readonly number[]): readonly number[] {
  const parts = shares.map((share) => Math.floor(total * share));
  return [total - parts.reduce((sum, part) => sum + part, 0), ...parts];
}
