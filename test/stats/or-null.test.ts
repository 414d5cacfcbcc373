import { expect, it } from "vitest";
import { orNull } from "../../src/stats/index.ts";

it("orNull is null for what is not a finite number, and 0 stays 0", () => {
  expect([0, -2.5, Number.NaN, Number.POSITIVE_INFINITY].map(orNull)).toEqual([
    0,
    -2.5,
    null,
    null,
  ]);
});
