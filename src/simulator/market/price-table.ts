// Raw bars of the whole market as typed columns, date-major: the cell of (session d, issue c) is at d * issues + c.

/** Bits of `flags`. */
export const cellFlags = {
  listed: 1,
  traded: 2,
  morning: 4,
  afternoon: 8,
  morningUpper: 16,
  morningLower: 32,
  afternoonUpper: 64,
  afternoonLower: 128,
  fineTick: 256,
} as const;

/** Kind of a capital change, as `ExRT` names it. */
export type CapitalChange = "1" | "2" | "3";

/** A split (1), reverse split (2) or rights issue (3). `factor` multiplies earlier prices. */
export interface CapitalEvent {
  readonly session: number;
  readonly issue: number;
  readonly factor: number;
  readonly kind: CapitalChange;
}

export type PriceColumn = Int32Array | Uint16Array | Uint8Array | Float64Array;

/** Prices in tenths of a yen, volumes in shares. A cell without a trade carries the last close in `close`. */
export class PriceTable {
  readonly issues: number;
  readonly sessions: number;
  readonly morningOpen: Int32Array;
  readonly morningHigh: Int32Array;
  readonly morningLow: Int32Array;
  readonly morningClose: Int32Array;
  readonly afternoonOpen: Int32Array;
  readonly afternoonHigh: Int32Array;
  readonly afternoonLow: Int32Array;
  readonly close: Int32Array;
  readonly morningVolume: Int32Array;
  readonly volume: Int32Array;
  readonly flags: Uint16Array;
  /** Size class of each issue by session: index into `scaleTexts`. */
  readonly scale: Uint8Array;
  /** Standard deviation that the market return of each session had beforehand. */
  readonly marketDeviation: Float64Array;
  /** Sorted by session, then issue. */
  events: readonly CapitalEvent[] = [];

  constructor(issues: number, sessions: number) {
    const cells = issues * sessions;
    this.issues = issues;
    this.sessions = sessions;
    this.morningOpen = new Int32Array(cells);
    this.morningHigh = new Int32Array(cells);
    this.morningLow = new Int32Array(cells);
    this.morningClose = new Int32Array(cells);
    this.afternoonOpen = new Int32Array(cells);
    this.afternoonHigh = new Int32Array(cells);
    this.afternoonLow = new Int32Array(cells);
    this.close = new Int32Array(cells);
    this.morningVolume = new Int32Array(cells);
    this.volume = new Int32Array(cells);
    this.flags = new Uint16Array(cells);
    this.scale = new Uint8Array(cells);
    this.marketDeviation = new Float64Array(sessions);
  }

  /** Every column by name, in a fixed order. */
  columns(): ReadonlyMap<string, PriceColumn> {
    const { morningOpen, morningHigh, morningLow, morningClose } = this;
    const { afternoonOpen, afternoonHigh, afternoonLow, close } = this;
    const { morningVolume, volume, flags, scale, marketDeviation } = this;
    const morning = { morningOpen, morningHigh, morningLow, morningClose, morningVolume };
    const afternoon = { afternoonOpen, afternoonHigh, afternoonLow, close, volume };
    return new Map(Object.entries({ ...morning, ...afternoon, flags, scale, marketDeviation }));
  }

  has(cell: number, flag: number): boolean {
    return (this.flags[cell] & flag) !== 0;
  }

  /** Open of the day in tenths: the morning's, or the afternoon's when nothing traded before. */
  open(cell: number): number {
    return this.has(cell, cellFlags.morning) ? this.morningOpen[cell] : this.afternoonOpen[cell];
  }

  high(cell: number): number {
    return Math.max(this.morningHigh[cell], this.afternoonHigh[cell]);
  }

  low(cell: number): number {
    const morning = this.has(cell, cellFlags.morning);
    const afternoon = this.has(cell, cellFlags.afternoon);
    if (!morning) return this.afternoonLow[cell];
    return afternoon
      ? Math.min(this.morningLow[cell], this.afternoonLow[cell])
      : this.morningLow[cell];
  }
}
