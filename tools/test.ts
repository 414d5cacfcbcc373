// `npm test [vitest arguments]`: runs the suite and ends with the line `N passed, N failed`.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Summary {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

const folder = mkdtempSync(join(tmpdir(), "gogooku3-test-"));
const summaryFile = join(folder, "summary.json");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${summaryFile}`];
const { status } = spawnSync("vitest", ["run", ...reporters, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
try {
  const summary: Summary = JSON.parse(readFileSync(summaryFile, "utf8"));
  const brokenFiles = summary.numFailedTests === 0 && status !== 0 ? 1 : 0;
  const skipped = summary.numPendingTests === 0 ? "" : `, ${summary.numPendingTests} skipped`;
  console.log(
    `${summary.numPassedTests} passed, ${summary.numFailedTests + brokenFiles} failed${skipped}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
