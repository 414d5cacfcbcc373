// The look of long tables on the terminal: a frame, and no line between rows.

import type { TableConstructorOptions } from "cli-table3";

/** Options of cli-table3. */
export const compact: Pick<TableConstructorOptions, "style" | "chars"> = {
  style: { head: [], border: [] },
  chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
};
