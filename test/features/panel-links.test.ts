// Links that hold for a quarter are found on its first session, from that session and those before it.

import { expect, test } from "vitest";
import { dayOfCivil } from "../../src/calendar/index.ts";
import { linksReader, quarterStarts } from "../../src/features/panel-links.ts";

const dates = Int32Array.of(
  dayOfCivil(2024, 3, 28),
  dayOfCivil(2024, 3, 29),
  dayOfCivil(2024, 4, 1),
  dayOfCivil(2024, 6, 28),
  dayOfCivil(2024, 7, 1),
);

test("a quarter starts on its first session, and only with a full window behind it", () => {
  expect([...quarterStarts(dates, 3)]).toEqual([-1, -1, 2, 2, 4]);
  expect([...quarterStarts(dates, 4)]).toEqual([-1, -1, -1, -1, 4]);
});

test("links are found once a quarter from trailing values, and given among the codes of a session", () => {
  const seen: number[][] = [];
  const links = linksReader(
    {
      input: "x",
      window: 2,
      find: (values) => {
        seen.push([...values]);
        return {
          offsets: Int32Array.of(0, 2, 3, 3),
          neighbours: Int32Array.of(1, 2, 0),
          weights: Float64Array.of(0.9, 0.8, 0.9),
        };
      },
    },
    { dates, codes: ["13010", "13020", "13030"] },
    (code, session) => 10 * code + session,
  );
  expect(links(1, Int32Array.of(0, 1, 2))).toBeUndefined();
  expect(links(2, Int32Array.of(0, 1, 2))?.neighbours).toEqual(Int32Array.of(1, 2, 0));
  const without = links(3, Int32Array.of(0, 2));
  expect(without?.offsets).toEqual(Int32Array.of(0, 1, 1));
  expect(without?.neighbours).toEqual(Int32Array.of(1));
  expect(without?.weights).toEqual(Float64Array.of(0.8));
  expect(seen).toEqual([[1, 2, 11, 12, 21, 22]]);
});
