// Worker threads over shared memory.

export {
  type Block,
  createPool,
  type Kernel,
  type MapOptions,
  type PoolOptions,
  splitBlocks,
  type WorkerPool,
} from "./pool.ts";
