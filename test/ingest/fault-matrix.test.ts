// Each fault of the simulator on each family of endpoints, one at a time: a fault that passes leaves the lake of an undisturbed
// run; one that stays ends in a named error, and the next run without it completes the lake.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SourceError } from "../../src/errors.ts";
import type { IngestRequest } from "../../src/ingest/ingest.ts";
import type { AnswerFaultKind } from "../../src/simulator/server/faults.ts";
import { contentOf, FaultySimulator, japan } from "./faulty-simulator.ts";
import { scratchRoot } from "./scratch.ts";

interface Family {
  readonly name: string;
  /** The path that faults strike. */
  readonly path: string;
  readonly request: Partial<IngestRequest>;
  /** A corrected field, and the row that has it. */
  readonly correction?: { readonly where: Record<string, string>; readonly set: object };
}

function byQuery(
  path: string,
  from: string,
  to: string,
  correction: Family["correction"],
  rest: Partial<IngestRequest> = {},
): Family {
  const request = { endpoints: [path], from, to, bulk: false, ...rest };
  return { name: path, path, request, ...(correction === undefined ? {} : { correction }) };
}

const queried: readonly Family[] = [
  byQuery("/equities/bars/daily", "2024-05-30", "2024-06-04", {
    where: { Date: "2024-06-03" },
    set: { Vo: 77_700 },
  }),
  byQuery("/fins/summary", "2024-04-30", "2024-05-07", {
    where: { DiscDate: "2024-05-02" },
    set: { Sales: "77700" },
  }),
  byQuery("/indices/bars/daily/topix", "2024-05-30", "2024-06-04", {
    where: { Date: "2024-06-03" },
    set: { C: 2777.7 },
  }),
  byQuery("/markets/short-sale-report", "2024-05-30", "2024-06-04", {
    where: { DiscDate: "2024-06-03" },
    set: { ShrtPosShares: 77_700 },
  }),
  byQuery("/derivatives/bars/daily/options/225", "2024-05-30", "2024-06-04", {
    where: { Date: "2024-06-03" },
    set: { OI: 777 },
  }),
  byQuery("/edinet/large-volume-shareholders", "2024-06-05", "2024-06-10", {
    where: { SubDate: "2024-06-10" },
    set: { IsrName: "訂正" },
  }),
  byQuery(
    "/td/list",
    "2024-04-30",
    "2024-05-07",
    { where: { DiscDate: "2024-05-02" }, set: { Title: "訂正" } },
    { addons: ["td"] },
  ),
];

const bulkRequest = { endpoints: ["/equities/bars/daily"], to: "2024-05-31" };
const inBulk: readonly Family[] = [
  { name: "the list of bulk files", path: "/bulk/list", request: bulkRequest },
  { name: "URLs of bulk files", path: "/bulk/get", request: bulkRequest },
  { name: "downloads", path: "/__storage", request: bulkRequest },
];

const apiKinds = [
  "rate-limit",
  "empty-429",
  "server-error",
  "bad-gateway",
  "unavailable",
  "drop",
  "truncate",
  "short",
  "slow",
] as const;
const pageKinds = ["duplicate-page", "empty-page"] as const;
const storageKinds = [
  "expired",
  "server-error",
  "bad-gateway",
  "unavailable",
  "drop",
  "truncate",
  "short",
  "slow",
] as const;

function kindsOf({ path }: Family, endless: boolean): readonly AnswerFaultKind[] {
  if (path === "/__storage") return storageKinds;
  return endless ? [...apiKinds, "too-large"] : [...apiKinds, ...pageKinds];
}

/** GOGOOKU3_FAULTS=all meets every kind on every family; else all kinds meet one family and the downloads, the others one of a sort. */
const isWhole = process.env["GOGOOKU3_FAULTS"] === "all";
const oneOfASort: readonly AnswerFaultKind[] = [
  "rate-limit",
  "unavailable",
  "truncate",
  "empty-page",
];

/** The kinds to try on a family, passing or staying ones. */
function tried(family: Family, endless: boolean): readonly AnswerFaultKind[] {
  const kinds = kindsOf(family, endless);
  if (isWhole) return kinds;
  if (endless) return kinds.filter((kind) => kind === "short" || kind === "too-large");
  const isFull = family.path === "/equities/bars/daily" || family.path === "/__storage";
  return isFull ? kinds : kinds.filter((kind) => oneOfASort.includes(kind));
}

const evening = japan("2024-06-28", "20:00");
const shared = mkdtempSync(join(scratchRoot, "gogooku3-faults-"));
const undisturbed = new Map<string, string>();
let simulator: FaultySimulator;
let folders = 0;

/** A home whose lake has the calendar, so that a run asks for its family only. */
function nextHome(): string {
  folders += 1;
  const folder = join(shared, `home-${folders}`);
  cpSync(join(shared, "seed"), folder, { recursive: true });
  return folder;
}

/** What an undisturbed run brings of the family's endpoint. */
async function calmContent({ name, request }: Family): Promise<string> {
  const held = undisturbed.get(name);
  if (held !== undefined) return held;
  const folder = nextHome();
  const { execution } = await simulator.run(folder, request);
  expect(execution.rows).toBeGreaterThan(0);
  const content = await contentOf(folder, endpointIn(request));
  undisturbed.set(name, content);
  return content;
}

function endpointIn({ endpoints = [] }: Partial<IngestRequest>): string {
  return endpoints[0];
}

beforeAll(async () => {
  simulator = await FaultySimulator.start(evening);
  await simulator.run(join(shared, "seed"), { endpoints: ["/markets/calendar"] });
});

afterEach(async () => {
  await simulator.calm();
  simulator.clock.set(evening);
});

afterAll(async () => {
  await simulator.close();
  rmSync(shared, { recursive: true, force: true });
});

describe.each([...queried, ...inBulk].map((family) => [family.name, family] as const))(
  "%s",
  (_name, family) => {
    const { path, request } = family;

    it.each(tried(family, false))("one %s leaves the lake of an undisturbed run", async (kind) => {
      const expected = await calmContent(family);
      const folder = nextHome();
      await simulator.arm({ kind, path, ms: 350 });
      const { execution } = await simulator.run(folder, request, { timeoutMs: 250 });
      expect(execution.failures).toEqual([]);
      expect(await contentOf(folder, endpointIn(request))).toBe(expected);
    });

    it.each(tried(family, true))(
      "a %s that stays is a named error, and the next run completes the lake",
      async (kind) => {
        const expected = await calmContent(family);
        const folder = nextHome();
        await simulator.arm({ kind, path, count: 100_000, ms: 60 });
        const timeoutMs = kind === "slow" ? 30 : 1000;
        const error: unknown = await simulator
          .run(folder, request, { timeoutMs })
          .catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(SourceError);
        const what = path === "/__storage" ? "equities/bars/daily" : path;
        expect(String(error)).toContain(what);
        expect(String(error)).toMatch(/run it again|ask for/u);
        await simulator.calm();
        const { execution } = await simulator.run(folder, request);
        expect(execution.failures).toEqual([]);
        expect(await contentOf(folder, endpointIn(request))).toBe(expected);
      },
    );
  },
);

describe.each(queried.map((family) => [family.name, family] as const))("%s", (_name, family) => {
  const { path, request, correction } = family;
  const lastDay = request.to ?? "";
  const nightAfter = japan(lastDay, "04:00") + 2 * 86_400_000;

  it("rows that come late are brought by the run of the next night", async () => {
    const expected = await calmContent(family);
    const folder = nextHome();
    simulator.clock.set(japan(lastDay, "20:00"));
    await simulator.arm({ kind: "late", path, minutes: 900 });
    await simulator.run(folder, request);
    expect(await contentOf(folder, path)).not.toBe(expected);
    simulator.clock.set(nightAfter);
    await simulator.run(folder, request);
    expect(await contentOf(folder, path)).toBe(expected);
  });

  it("a correction is brought by the run of the next night", async () => {
    const expected = await calmContent(family);
    const folder = nextHome();
    simulator.clock.set(japan(lastDay, "23:00"));
    await simulator.run(folder, request);
    simulator.clock.advance(8 * 3_600_000);
    const { where = {}, set = {} } = correction ?? {};
    await simulator.arm({ kind: "correct", path, where, set: { ...set } });
    simulator.clock.set(nightAfter);
    await simulator.run(folder, request);
    const fresh = nextHome();
    await simulator.run(fresh, request);
    expect(await contentOf(folder, path)).toBe(await contentOf(fresh, path));
    expect(await contentOf(folder, path)).not.toBe(expected);
  });
});
