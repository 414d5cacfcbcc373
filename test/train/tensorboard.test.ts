// TensorBoard event files: the bytes of TensorBoard's own writer, checksums by the published vectors.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashBytes } from "../../src/hash.ts";
import { ManualClock } from "../../src/clock.ts";
import { crc32c, EventWriter, maskedCrc } from "../../src/train/tensorboard.ts";

describe("crc32c", () => {
  it("has the check value of RFC 3720 and the vectors of its appendix B.4", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  });
});

interface Golden {
  /** Of the script that wrote the file. */
  readonly sha256: string;
  /** Seconds. */
  readonly wallTime: number;
  readonly scalars: readonly {
    readonly step: number;
    readonly values: Readonly<Record<string, number>>;
  }[];
  /** The event file, base64. */
  readonly file: string;
}

const goldenFolder = new URL("../golden/", import.meta.url);

const golden: Golden = JSON.parse(readFileSync(new URL("event-file.json", goldenFolder), "utf8"));

describe("EventWriter", () => {
  it("has goldens as new as the script that makes them", () => {
    const script = readFileSync(new URL("make/event_file.py", goldenFolder));
    expect(hashBytes(script)).toBe(golden.sha256);
  });

  it("writes the file that TensorBoard's own writer writes, byte by byte", async () => {
    const folder = mkdtempSync(join(tmpdir(), "events-"));
    const writer = new EventWriter(folder, new ManualClock(1000 * golden.wallTime));
    for (const { step, values } of golden.scalars) await writer.scalars(step, values);
    const [name] = readdirSync(folder);
    const found = readFileSync(join(folder, name));
    rmSync(folder, { recursive: true });
    expect(found.toString("base64")).toBe(golden.file);
  });

  it("writes a version record and then one record a call, each with its checksums", async () => {
    const folder = mkdtempSync(join(tmpdir(), "events-"));
    const writer = new EventWriter(folder, new ManualClock(1_700_000_000_000));
    await writer.scalars(3, { "train/loss": 0.5, undefinedValue: Number.NaN });
    await writer.scalars(4, { "train/loss": 0.25 });
    const [name] = readdirSync(folder);
    const records = recordsOf(readFileSync(join(folder, name)));
    rmSync(folder, { recursive: true });
    expect(name).toMatch(/^events\.out\.tfevents\.1700000000\./u);
    expect(records).toHaveLength(3);
    expect(records[0].toString("latin1")).toContain("brain.Event:2");
    expect(records[1].toString("latin1")).toContain("train/loss");
    expect(records[1].toString("latin1")).not.toContain("undefinedValue");
    expect(records[1].subarray(-4).readFloatLE(0)).toBe(0.5);
  });
});

function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let at = 0;
  while (at < file.length) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(maskedCrc(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(maskedCrc(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}
