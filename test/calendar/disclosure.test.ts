import { expect, test } from "vitest";
import {
  closeExtensionDay,
  closeInstantMs,
  closeTime,
  effectiveSession,
  epochDay,
  isoDate,
  jpxCalendar,
} from "../../src/calendar/index.ts";

const calendar = jpxCalendar();

test.each([
  // [disclosed on, at, counts for]
  ["2024-11-01", "14:59", "2024-11-01"],
  ["2024-11-01", "14:59:59", "2024-11-01"],
  ["2024-11-01", "15:00", "2024-11-05"],
  ["2024-11-01", "15:00:00", "2024-11-05"],
  ["2024-11-01", "15:01", "2024-11-05"],
  ["2024-11-01", "15:29", "2024-11-05"],
  ["2024-11-05", "15:00", "2024-11-05"],
  ["2024-11-05", "15:29", "2024-11-05"],
  ["2024-11-05", "15:29:59", "2024-11-05"],
  ["2024-11-05", "15:30", "2024-11-06"],
  ["2024-11-05", "15:31", "2024-11-06"],
  ["2008-12-30", "11:29", "2008-12-30"],
  ["2008-12-30", "11:30", "2009-01-05"],
  ["2008-12-30", "11:31", "2009-01-05"],
  ["2009-01-05", "14:00", "2009-01-06"],
  ["2009-12-30", "14:59", "2009-12-30"],
  ["2020-10-01", "14:59", "2020-10-01"],
  ["2020-10-01", "15:00", "2020-10-02"],
  ["2024-11-06", "00:00", "2024-11-06"],
] as const)("a disclosure of %s at %s counts for %s", (day, time, session) => {
  expect(isoDate(effectiveSession(calendar, epochDay(day), time))).toBe(session);
});

test.each([null, ""])("a missing time (%j) counts as after the close", (time) => {
  expect(isoDate(effectiveSession(calendar, epochDay("2024-11-06"), time))).toBe("2024-11-07");
});

test("a disclosure on a day without a session counts for the next one at any time, also where derivatives trade", () => {
  for (const time of ["00:00", "09:00", "23:59", null]) {
    expect(isoDate(effectiveSession(calendar, epochDay("2024-05-03"), time))).toBe("2024-05-07");
    expect(isoDate(effectiveSession(calendar, epochDay("2024-11-02"), time))).toBe("2024-11-05");
  }
});

test("the close moved to 15:30 on 2024-11-05, and its instant is in Japan's time", () => {
  expect(isoDate(closeExtensionDay)).toBe("2024-11-05");
  expect(closeTime(calendar, epochDay("2024-11-01"))).toBe("15:00");
  expect(closeTime(calendar, epochDay("2024-11-05"))).toBe("15:30");
  expect(closeTime(calendar, epochDay("2008-01-04"))).toBe("11:30");
  expect(closeInstantMs(calendar, epochDay("2024-11-05"))).toBe(
    Temporal.Instant.from("2024-11-05T15:30:00+09:00").epochMilliseconds,
  );
});

test("a closed day has no close", () => {
  expect(() => closeTime(calendar, epochDay("2024-11-04"))).toThrow(
    "closeTime: expected a session, found 2024-11-04, a closed day",
  );
});

test("no disclosure counts for a session whose close came before it", () => {
  for (const day of calendar.sessionsBetween(epochDay("2008-01-04"), epochDay("2027-12-01"))) {
    expect(effectiveSession(calendar, day, closeTime(calendar, day))).toBe(calendar.next(day));
  }
});
