// Worker threads over shared memory.

export { type Block, createPool, splitBlocks, type WorkerPool } from "./pool.ts";
export { inTurns, takeTurns, type Turns } from "./turns.ts";
