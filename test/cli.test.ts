import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../src/cli.ts";

const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function gogooku3(...argv: string[]): Promise<Outcome> {
  return new Promise((settle) => {
    execFile(process.execPath, [cli, ...argv], (error, stdout, stderr) => {
      settle({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

describe("the command line", () => {
  it("ends with 0 and grouped help for --help", async () => {
    const { code, stdout } = await gogooku3("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Setup:");
  });

  it("ends with 2 for an unknown command, an unknown option and a wrong config", async () => {
    expect((await gogooku3("fly")).code).toBe(2);
    expect((await gogooku3("config", "show", "--fast")).code).toBe(2);
    const wrong = await gogooku3("config", "show", "sed=1");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/^gogooku3: config: .*sed.*config show.*\n$/u);
  });

  it("prints one JSON document with --json, also for a failure", async () => {
    const shown = JSON.parse((await gogooku3("config", "show", "--json")).stdout);
    expect(shown[0].config.seed).toBe(7);
    const failed = JSON.parse((await gogooku3("--json", "config", "show", "sed=1")).stdout);
    expect(failed.error.name).toBe("ConfigError");
  });

  it("builds the named command alone, wherever the global options stand, and all for help", async () => {
    const names = async (only?: string): Promise<string[]> =>
      (await createProgram(only)).commands.map((command) => command.name());
    expect(await names("lake")).toEqual(["lake"]);
    expect((await names()).length).toBeGreaterThan(15);
    const shown = await gogooku3("--home", "demo", "config", "show", "--json");
    expect(JSON.parse(shown.stdout)[0].config.seed).toBe(7);
  });

  it("describes every command and every option in its help", async () => {
    const walk = (command: Command): void => {
      for (const child of command.commands) {
        expect(child.description(), child.name()).not.toBe("");
        for (const option of child.options) {
          expect(option.description, `${child.name()} ${option.flags}`).not.toBe("");
        }
        walk(child);
      }
    };
    walk(await createProgram());
  });
});
