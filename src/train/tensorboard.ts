// TensorBoard event files: TFRecords (length, masked CRC-32C, data, masked CRC-32C) of Event messages with scalar summaries.
// Source: tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto.

import { existsSync, mkdirSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import protobuf from "protobufjs";
import type { Clock } from "../clock.ts";

const source = `
syntax = "proto3";
message Event {
  double wall_time = 1; int64 step = 2;
  oneof what { string file_version = 3; Summary summary = 5; }
}
message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }
`;

const eventType: protobuf.Type = protobuf
  .parse(source, { keepCase: true })
  .root.lookupType("Event");

/** Writes scalars of one run; each writer makes a file of its own, and TensorBoard reads all of a folder. */
export class EventWriter {
  readonly #path: string;
  readonly #clock: Clock;
  #isOpen = false;

  constructor(folder: string, clock: Clock) {
    mkdirSync(folder, { recursive: true });
    this.#clock = clock;
    this.#path = freePath(folder, Math.floor(clock.nowMs() / 1000));
  }

  /** Appends one value a tag at `step`; values that are not finite are left out. */
  async scalars(step: number, values: Readonly<Record<string, number>>): Promise<void> {
    const value = Object.entries(values)
      .filter(([, number]) => Number.isFinite(number))
      .map(([tag, number]) => ({ tag, simple_value: number }));
    const events = [{ wall_time: this.#now(), step, summary: { value } }];
    const header = { wall_time: this.#now(), file_version: "brain.Event:2" };
    const records = (this.#isOpen ? events : [header, ...events]).map(encodeRecord);
    this.#isOpen = true;
    await appendFile(this.#path, Buffer.concat(records));
  }

  #now(): number {
    return this.#clock.nowMs() / 1000;
  }
}

function freePath(folder: string, seconds: number): string {
  let number = 0;
  const path = (): string => join(folder, `events.out.tfevents.${seconds}.gogooku3.${number}`);
  while (existsSync(path())) number += 1;
  return path();
}

function encodeRecord(event: object): Buffer {
  const data = eventType.encode(event).finish();
  const record = Buffer.alloc(16 + data.length);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return record;
}

/** The CRC-32C of `data`, rotated by 15 bits and offset, as TFRecord stores it. */
export function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/** CRC-32 with the Castagnoli polynomial (RFC 3720, appendix B.4). */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
