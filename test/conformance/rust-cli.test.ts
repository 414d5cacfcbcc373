import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { days, findCli, run, serveFor, type Served } from "./official-clients.ts";

const cli = findCli();

/** Every sub-command that reads data; CODE, DATE, FROM, TO and DISC stand for values of the market. */
const commands: readonly string[] = [
  "eq master",
  "eq master --code CODE --date DATE",
  "eq daily --date DATE",
  "eq daily --code CODE --from FROM --to TO",
  "eq am",
  "eq am --code CODE",
  "eq minute --code CODE --date DATE",
  "eq earnings-calendar",
  "eq investor-types",
  "eq investor-types --section TSEPrime --from FROM",
  "eq trades --date DATE",
  "mkt breakdown --date DATE",
  "mkt margin-alert --date DATE",
  "mkt margin-interest --code CODE",
  "mkt calendar",
  "mkt calendar --hol-div 1 --from FROM --to TO",
  "mkt short-ratio --date DATE",
  "mkt short-ratio --s33 3650",
  "mkt short-sale-report --disc-date DATE",
  "mkt short-sale-report --code CODE",
  "deriv options-225 --date FROM",
  "deriv futures --date FROM",
  "deriv futures --date FROM --category NK225F --contract-flag 1",
  "deriv options --date FROM",
  "deriv options --date FROM --category TOPIXE",
  "edinet major-shareholders --code CODE",
  "edinet cross-shareholdings --code CODE",
  "edinet large-volume-shareholders --date DATE",
  "fins details --date DATE",
  "fins dividend --code CODE",
  "fins earnings-date --code CODE",
  "fins earnings-date --scheduled-date DATE",
  "fins summary --date DATE",
  "fins summary --code CODE",
  "idx daily-topix",
  "idx daily-topix --from FROM --to TO",
  "idx daily --date DATE",
  "idx daily --code 0028",
  "td list --date DATE",
  "td list --code CODE --from FROM --to TO",
  "td files --disc-no DISC",
  "td bulk",
  "bulk list --endpoint /equities/bars/daily",
  "bulk list --date 2026-01",
  "bulk get --endpoint /equities/bars/daily --date 2026-01",
];

describe.skipIf(cli === undefined)("the official Rust CLI, its base URL apart unmodified", () => {
  let served: Served;
  let folder: string;

  beforeAll(async () => {
    served = await serveFor("premium");
    folder = await mkdtemp(join(tmpdir(), "gogooku3-cli-"));
  });

  afterAll(() => served.app.close());

  async function jquants(args: readonly string[]): Promise<string> {
    const env = {
      ...process.env,
      HOME: folder,
      JQUANTS_BASE_URL: served.url,
      JQUANTS_API_KEY: "conformance",
    };
    const { stdout } = await run(cli ?? "", args, { cwd: folder, env, maxBuffer: 1 << 28 });
    return stdout;
  }

  function argumentsOf(command: string): string[] {
    const [disclosure] = served.market.rows("/fins/summary", { fromDay: 20_400, toDay: 20_490 });
    const values = new Map<string, string>([
      ["CODE", served.code],
      ["DATE", days.date],
      ["FROM", days.from],
      ["TO", days.to],
      ["DISC", String(disclosure.row["DiscNo"] as string)],
    ]);
    return command.split(" ").map((word) => values.get(word) ?? word);
  }

  it.each(commands)("%s completes as JSON and as CSV", async (command) => {
    const args = argumentsOf(command);
    const json: unknown = JSON.parse(await jquants(["--output", "json", ...args]));
    expect(json).toBeTypeOf("object");
    await jquants(["--output", "csv", ...args]);
  });

  it("bulk get downloads a file under its own name", async () => {
    await jquants([
      "bulk",
      "get",
      "--endpoint",
      "/equities/bars/daily",
      "--date",
      "2026-01",
      "--download",
    ]);
    const name = "equities_bars_daily_202601.csv.gz";
    expect(await readdir(folder)).toContain(name);
    const text = gunzipSync(await readFile(join(folder, name))).toString();
    expect(text).toMatch(/^Date,Code,O,H,L,C/);
  });

  it("bulk list without a parameter is told what it needs", async () => {
    await expect(jquants(["bulk", "list"])).rejects.toThrow(/at least 1 parameter/);
  });
});
