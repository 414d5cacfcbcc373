// The J-Quants V2 server of the simulator.

export { parseInstant } from "./control.ts";
export { parseFaultList, type Fault } from "./faults.ts";
export type { ServedMarket } from "./served-market.ts";
export { createSimulator, type SimulatorOptions } from "./simulator.ts";
