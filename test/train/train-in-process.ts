// A small training in its own process, so that a test can kill it; prints a line an epoch.

import { smallTraining, twoPhases } from "./small-training.ts";

await smallTraining(process.argv[2], {
  config: { phases: twoPhases(2, 2) },
  dropout: 0.2,
  onEpoch: ({ epoch }) => process.stdout.write(`${epoch}\n`),
});
