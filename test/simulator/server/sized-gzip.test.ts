import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gzipToSize } from "../../../src/simulator/server/sized-gzip.ts";

const data = Buffer.from("Date,Code,C\n".repeat(5000));

describe("gzipToSize", () => {
  it("has every size asked for and unpacks to the data", () => {
    const smallest = gzipSync(data).length + 20;
    for (let size = smallest; size < smallest + 12; size += 1) {
      const bytes = gzipToSize(data, size, 6);
      expect(bytes.length).toBe(size);
      expect(gunzipSync(bytes).equals(data)).toBe(true);
    }
  });

  it("fills a large rest", () => {
    const bytes = gzipToSize(data, 500_000, 6);
    expect(bytes.length).toBe(500_000);
    expect(gunzipSync(bytes).equals(data)).toBe(true);
  });

  it("packs nothing at all", () => {
    expect(gunzipSync(gzipToSize(Buffer.alloc(0), 40, 6)).length).toBe(0);
  });

  it("refuses a size that the data do not fit", () => {
    expect(() => gzipToSize(data, 50, 6)).toThrow(/announce a larger size/);
  });
});
