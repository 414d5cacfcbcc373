import fc from "fast-check";
import { expect, test } from "vitest";
import {
  civilOfDay,
  dayOfCivil,
  dayOfWeek,
  epochDay,
  isoDate,
  jstDay,
  jstInstantMs,
  jstTimeOfDay,
  timeOfDayMs,
} from "../../src/calendar/index.ts";

const day = fc.integer({ min: -100_000, max: 100_000 });

test("epochDay and isoDate agree with Temporal on every day and invert each other", () => {
  fc.assert(
    fc.property(day, (n) => {
      const date = Temporal.PlainDate.from("1970-01-01").add({ days: n });
      expect(isoDate(n)).toBe(date.toString());
      expect(epochDay(isoDate(n))).toBe(n);
      expect(dayOfWeek(n)).toBe(date.dayOfWeek);
      expect(civilOfDay(n)).toEqual({
        year: date.year,
        month: date.month,
        dayOfMonth: date.day,
      });
      expect(dayOfCivil(date.year, date.month, date.day)).toBe(n);
    }),
  );
});

test.each([
  "2023-02-29",
  "2024-13-01",
  "2024-00-10",
  "20240105",
  "2024-1-5",
  "2024-01-05T00:00",
  "",
])("epochDay refuses %j, which is not a date", (text) => {
  expect(() => epochDay(text)).toThrow(/expected YYYY-MM-DD of the calendar, found/);
});

test("an instant in Japan is nine hours ahead of UTC", () => {
  const close = jstInstantMs(epochDay("2024-11-05"), "15:30");
  expect(close).toBe(Temporal.Instant.from("2024-11-05T06:30:00Z").epochMilliseconds);
  expect(isoDate(jstDay(close))).toBe("2024-11-05");
  expect(jstTimeOfDay(close)).toBe("15:30:00");
});

test("an instant goes back to its day and time in Japan, also before 09:00 when UTC is still at the day before", () => {
  fc.assert(
    fc.property(day, fc.integer({ min: 0, max: 86_399 }), (n, second) => {
      const time = new Temporal.PlainTime().add({ seconds: second }).toString();
      const instant = jstInstantMs(n, time);
      expect(jstDay(instant)).toBe(n);
      expect(jstTimeOfDay(instant)).toBe(time);
    }),
  );
});

test.each(["24:00", "9:00", "15:60", "15:30:60", "noon", "15.30"])(
  "timeOfDayMs refuses %j",
  (text) => {
    expect(() => timeOfDayMs(text)).toThrow(/expected HH:MM or HH:MM:SS, found/);
  },
);
