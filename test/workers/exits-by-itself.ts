// A program that maps a kernel over blocks and ends without closing the pool; pool.test.ts runs it as a child process.

import { sharedColumn } from "../../src/panel/panel.ts";
import { createPool, splitBlocks } from "../../src/workers/index.ts";

const input = sharedColumn("f64", 100);
input.forEach((_, i) => (input[i] = i));
const output = sharedColumn("f64", 100);
const pool = createPool({ threads: 2 });
await pool.mapBlocks({
  module: new URL("./squares.kernel.ts", import.meta.url),
  kernel: "squares",
  blocks: splitBlocks(100, 10),
  args: { input, output },
});
process.stdout.write(String(output[99]));
