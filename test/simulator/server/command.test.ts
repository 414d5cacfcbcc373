import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runCli } from "../../../src/cli.ts";

const small = ["--stocks", "12", "--from", "2025-07-01", "--to", "2025-09-30"];

let child: ChildProcess | undefined;

afterEach(() => child?.kill("SIGKILL"));

/** Starts the command on a free port; resolves with the JSON that it prints when it is ready. */
async function start(args: readonly string[]): Promise<{ url: string; exited: Promise<number> }> {
  const process = spawn("node", ["src/cli.ts", "--json", "simulate", "--port", "0", ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  child = process;
  const exited = new Promise<number>((done) => process.on("exit", (code) => done(code ?? -1)));
  const text = await new Promise<string>((done) => {
    process.stdout.once("data", (chunk: Buffer) => done(chunk.toString()));
  });
  const { url } = JSON.parse(text) as { url: string };
  return { url, exited };
}

describe("gogooku3 simulate", () => {
  it("serves until it is interrupted, and then ends with 0", async () => {
    const { url, exited } = await start([...small, "--plan", "light", "--faults", "unavailable=1"]);
    const ask = async (path: string): Promise<[number, unknown]> => {
      const response = await fetch(url + path, { headers: { "x-api-key": "any" } });
      return [response.status, await response.json()];
    };
    expect((await ask("/equities/master"))[0]).toBe(503);
    const [status, body] = await ask("/equities/bars/daily?date=2025-09-30");
    expect(status).toBe(200);
    expect((body as { data: object[] }).data.length).toBeGreaterThan(8);
    expect((await ask("/markets/short-ratio?date=20250930"))[0]).toBe(403);
    child?.kill("SIGINT");
    expect(await exited).toBe(0);
  });

  it("oracle takes its own options after its name", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gogooku3-oracle-"));
    const out = join(folder, "oracle.parquet");
    expect(await runCli(["simulate", "oracle", ...small, "--seed", "8", "--out", out])).toBe(0);
    expect((await stat(out)).size).toBeGreaterThan(1000);
    await rm(folder, { recursive: true });
  });

  it.each([
    [["--plan", "gold"]],
    [["--signal", "strong"]],
    [["--now", "tomorrow"]],
    [["--faults", "flood=1"]],
    [["--addons", "weather"]],
    [["--strength", "0"]],
    [["--from", "2025-02-30"]],
  ])("ends with 2 for %j", async (args) => {
    expect(await runCli(["simulate", ...small, "--port", "0", ...args])).toBe(2);
  });
});
