// The 62-era core: returns, averages, products, volatility, oscillators (prior-system.md 1.1 and 9), labels not counted.

/** dist_to_200ema of the old list equals price_ema200_dev and is not repeated; the four flow columns have today's names. */
export const core62: readonly string[] = [
  ...[1, 5, 10, 20].map((h) => `returns_${h}d`),
  ...[5, 10, 20, 60, 200].map((span) => `ema_${span}`),
  ...[5, 10, 20, 200].map((span) => `price_ema${span}_dev`),
  ...["ma_gap_5_20", "ma_gap_20_60", "ma_gap_60_200"],
  ...["ema5_slope", "ema20_slope", "ema60_slope"],
  ...["ema_cross_5_20", "ema_cross_20_60", "ema_cross_60_200"],
  ...["ma_ribbon_bullish", "ma_ribbon_bearish", "ma_ribbon_spread"],
  ...["momentum_5_20", "momentum_1_5", "momentum_10_20"],
  ...["ret1d_x_ema20dev", "ret5d_x_ema20dev", "ret1d_x_ema200dev"],
  ...["mom5d_x_ema20slope", "mom20d_x_ema60slope"],
  ...["volatility_20d", "volatility_ratio", "volatility_change"],
  ...["sharpe_1d", "sharpe_5d", "sharpe_20d", "high_vol_flag", "low_vol_flag"],
  ...["rsi_2", "rsi_14", "rsi_delta", "macd_signal", "macd_histogram"],
  ...["bb_position", "bb_width"],
];
