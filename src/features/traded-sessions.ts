// A stock's own sessions: those in which it traded. Lookbacks and horizons are counted in them.

import type { Panel } from "../panel/panel.ts";

/** Positions of the sessions in which a code has a close, oldest first: the beginning of `room`, into which they are written. */
export function tradedSessions(panel: Panel, code: number, room: Int32Array): Int32Array {
  const close = panel.series("close", code);
  let count = 0;
  for (let d = 0; d < close.length; d += 1) {
    if (close[d] !== close[d]) continue;
    room[count] = d;
    count += 1;
  }
  return room.subarray(0, count);
}
