// Labels shuffled within each session: whatever a pipeline then finds, it found by leaking.

import type { Rng } from "../../rng.ts";

/** Known labels of each session in another order; unknown ones stay where they are. `sessions` do not descend. */
export function shuffleWithinSessions(
  label: Float32Array,
  sessions: Int32Array,
  rng: Rng,
): Float32Array {
  const out = label.slice();
  let start = 0;
  for (let row = 1; row <= label.length; row += 1) {
    if (row < label.length && sessions[row] === sessions[start]) continue;
    const known = Array.from({ length: row - start }, (_, i) => start + i).filter(
      (at) => !Number.isNaN(label[at]),
    );
    const drawn = rng.shuffle(known.slice());
    known.forEach((at, i) => (out[at] = label[drawn[i]]));
    start = row;
  }
  return out;
}
