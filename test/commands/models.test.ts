// The registry on the command line: what it prints, what it refuses and with which exit code.

import { rmSync } from "node:fs";
import { userInfo } from "node:os";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { scratchHome, storeModel, storeProof } from "../registry/stored-model.ts";
import { type CaughtOutcome, caughtCli } from "../support/caught-cli.ts";

let home = "";

beforeEach(() => {
  home = scratchHome();
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const gogooku3 = (...argv: readonly string[]): Promise<CaughtOutcome> =>
  caughtCli("--home", home, ...argv);

describe("models", () => {
  it("goes list, refused promotion, forced promotion, show, archive", async () => {
    expect((await gogooku3("models", "list")).stdout).toContain("models register RUN");
    await storeModel(home, "m1");
    const refused = await gogooku3("models", "promote", "m1", "--to", "production");
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("gogooku3 control shuffled --model m1");
    const unexplained = await gogooku3("models", "promote", "m1", "--to", "staging", "--force");
    expect(unexplained.code).toBe(2);
    const reason = ["--reason", "rehearsal of the evening"];
    const forced = await gogooku3(
      "models",
      "promote",
      "m1",
      "--to",
      "production",
      "--force",
      ...reason,
    );
    expect(forced.code).toBe(0);
    expect(forced.stdout).toContain(
      `${userInfo().username}: m1 none → production, forced (rehearsal of the evening)`,
    );
    const listed = JSON.parse((await gogooku3("--json", "models", "list")).stdout);
    expect(listed).toMatchObject([{ id: "m1", stage: "production", horizons: [1] }]);
    const shown = await gogooku3("models", "show", "production");
    expect(shown.stdout).toContain("m1 (atft, production)");
    expect(shown.stdout).toContain("plausibility ceiling");
    const archived = await gogooku3("models", "archive", "m1", "--reason", "done");
    expect(archived.stdout).toContain("m1 production → archived (done)");
    expect((await gogooku3("models", "show", "production")).code).toBe(2);
  });

  it("prints the gates that let a model through, and rolls back to the one before", async () => {
    await storeModel(home, "m0", { strength: 0.05, seed: 2 });
    await storeModel(home, "m1");
    await storeProof(home);
    expect((await gogooku3("models", "promote", "m0", "--to", "production")).code).toBe(0);
    const { stdout } = await gogooku3("models", "promote", "m1", "--to", "production");
    expect(stdout).toMatch(/better than the incumbent\s+│ yes/u);
    expect(stdout).toContain("m0 is archived; rollback brings it back");
    const back = await gogooku3("models", "rollback", "--reason", "stale");
    expect(back.stdout).toContain("m0 archived → production (rollback from m1: stale)");
  });

  it("ends with 2 for a stage that is none, and with 4 for a model that is none", async () => {
    expect((await gogooku3("models", "promote", "m1", "--to", "archived")).code).toBe(2);
    expect((await gogooku3("models", "promote", "m1", "--to", "staging")).code).toBe(4);
    expect((await gogooku3("models", "rollback")).code).toBe(2);
  });
});

describe("what needs a model in production", () => {
  it("says how to put one there, and ends with 2", async () => {
    vi.stubEnv("JQUANTS_API_KEY", "");
    const { code, stderr } = await gogooku3("nightly");
    expect(code).toBe(2);
    expect(stderr).toContain("models promote ID --to production");
  });

  it("lineage says what ids look like, and ends with 2", async () => {
    const { code, stderr } = await gogooku3("lineage", "nothing");
    expect(code).toBe(2);
    expect(stderr).toContain("MODEL/DATE");
  });
});
