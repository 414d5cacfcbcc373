// Dividends of one stock in the order of their ex-dates, as known after each record: the last one past and the next three.

import { event, stock } from "../define.ts";
import type { EventFeature, SeriesKernel, StockFeature } from "../feature.ts";
import { onePass } from "../for-fields.ts";

/** Slot 0 has its ex-date at or before the record, 1 to 3 after it. */
const slots = [0, 1, 2, 3] as const;

export interface SlotOptions {
  readonly events: string;
  readonly maxAge: number;
  /** Fields of the source: what identifies a dividend, the session number known at, the ex-date's session number, and values. */
  readonly identity: string;
  readonly known: string;
  readonly exNumber: string;
  /** Value columns; the first is the amount: 0 or missing takes the dividend back. */
  readonly values: readonly string[];
}

/** Internal event features `<prefix>_<field>_<slot>` for the ex-date and each value. */
export function dividendSlots(prefix: string, options: SlotOptions): readonly EventFeature[] {
  const { events, maxAge, identity, known, exNumber, values } = options;
  const inputs = [identity, known, exNumber, ...values];
  const fields = [exNumber, ...values];
  const kernels = onePass(fields.length * slots.length, fillSlots);
  return fields.flatMap((field, column) =>
    slots.map((slot) =>
      event(`${prefix}_${field}_${slot}`, {
        events,
        maxAge,
        inputs,
        lookback: Infinity,
        internal: true,
        normalisation: "raw",
        unit: "number",
        formula: `${field} of the ${slot === 0 ? "last dividend past" : `dividend number ${slot} ahead`} when the last record came`,
        compute: kernels[column * slots.length + slot],
      }),
    ),
  );
}

/** Names of a field's slots, for `atSlot` kernels. */
export function slotNames(prefix: string, field: string): readonly string[] {
  return slots.map((slot) => `${prefix}_${field}_${slot}`);
}

/** Kernel over session_number, four ex-date numbers and four values: the value of the first dividend after today; NaN without. */
export function ofNext(f: (value: number, sessions: number) => number): SeriesKernel {
  return ([today, ...columns], out) => {
    for (let i = 0; i < out.length; i += 1) {
      const slot = slots.find((k) => columns[k][i] > today[i]);
      out[i] =
        slot === undefined ? Number.NaN : f(columns[slot + 4][i], columns[slot][i] - today[i]);
    }
  };
}

/** As `ofNext`, for the last dividend at or before today; `sessions` counts from its ex-date. */
export function ofLast(f: (value: number, sessions: number) => number): SeriesKernel {
  return ([today, ...columns], out) => {
    for (let i = 0; i < out.length; i += 1) {
      const slot = slots.findLast((k) => columns[k][i] <= today[i]);
      out[i] =
        slot === undefined ? Number.NaN : f(columns[slot + 4][i], today[i] - columns[slot][i]);
    }
  };
}

/** A stock feature over the slots of one field. */
export function overSlots(
  name: string,
  prefix: string,
  fields: { readonly exNumber: string; readonly value: string },
  declaration: Pick<StockFeature, "normalisation" | "unit" | "formula" | "compute"> & {
    readonly internal?: boolean;
    readonly deviation?: string;
  },
): StockFeature {
  return stock(name, {
    lookback: 1,
    inputs: [
      "session_number",
      ...slotNames(prefix, fields.exNumber),
      ...slotNames(prefix, fields.value),
    ],
    ...declaration,
  });
}

/** Fills the slots of the ex-date's session number, then those of each value. */
function fillSlots(
  [identity, known, exNumber, ...values]: readonly Float64Array[],
  outs: readonly Float64Array[],
): void {
  const book = new Map<number, readonly number[]>();
  for (let i = 0; i < identity.length; i += 1) {
    if (values[0][i] > 0 && exNumber[i] === exNumber[i]) {
      book.set(identity[i], [exNumber[i], ...values.map((column) => column[i])]);
    } else book.delete(identity[i]);
    const ordered = [...book.values()].toSorted((a, b) => a[0] - b[0]);
    const past = ordered.findLast(([number]) => number <= known[i]);
    const ahead = ordered.filter(([number]) => number > known[i]);
    for (let k = 0; k < outs.length; k += 1) {
      const slot = k % slots.length;
      const found = slot === 0 ? past : ahead[slot - 1];
      outs[k][i] = found?.[Math.floor(k / slots.length)] ?? Number.NaN;
    }
  }
}
