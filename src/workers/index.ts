// Worker threads over shared memory.

export { type Block, createPool, splitBlocks, type WorkerPool } from "./pool.ts";
