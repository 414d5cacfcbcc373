import fc from "fast-check";
import { expect, test } from "vitest";
import { Calendar, epochDay, isoDate, jpxCalendar } from "../../src/calendar/index.ts";
import { exitCodeOf } from "../../src/errors.ts";

const calendar = jpxCalendar();
const sessions = Array.from(calendar.sessions);
const anyDay = fc.integer({ min: calendar.firstDay + 400, max: calendar.lastDay - 400 });
const on = epochDay;

test("add counts sessions from a session and from a closed day", () => {
  expect(isoDate(calendar.add(on("2024-05-02"), 1))).toBe("2024-05-07");
  expect(isoDate(calendar.add(on("2024-05-02"), 0))).toBe("2024-05-02");
  expect(isoDate(calendar.add(on("2024-05-02"), -3))).toBe("2024-04-26");
  expect(isoDate(calendar.add(on("2024-05-04"), 1))).toBe("2024-05-07");
  expect(isoDate(calendar.add(on("2024-05-04"), 2))).toBe("2024-05-08");
  expect(isoDate(calendar.add(on("2024-05-04"), -1))).toBe("2024-05-02");
  expect(isoDate(calendar.add(on("2024-05-04"), 0))).toBe("2024-05-07");
});

test("next, previous, onOrAfter and onOrBefore equal a search through all sessions", () => {
  fc.assert(
    fc.property(anyDay, (day) => {
      expect(calendar.next(day)).toBe(sessions.find((other) => other > day));
      expect(calendar.previous(day)).toBe(sessions.findLast((other) => other < day));
      expect(calendar.onOrAfter(day)).toBe(sessions.find((other) => other >= day));
      expect(calendar.onOrBefore(day)).toBe(sessions.findLast((other) => other <= day));
    }),
  );
});

test("adding and taking away the same number of sessions returns to the session", () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: -200, max: 200 }), (day, count) => {
      const session = calendar.onOrAfter(day);
      const moved = calendar.add(session, count);
      expect(calendar.add(moved, -count)).toBe(session);
      expect(calendar.sessionIndex(moved) - calendar.sessionIndex(session)).toBe(count);
    }),
  );
});

test("sessionsBetween holds both ends, is empty for a reversed range, and countSessions is its length", () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: -30, max: 300 }), (from, length) => {
      const to = from + length;
      const expected = sessions.filter((day) => day >= from && day <= to);
      expect(Array.from(calendar.sessionsBetween(from, to))).toEqual(expected);
      expect(calendar.countSessions(from, to)).toBe(expected.length);
    }),
  );
});

test("sessions handed out are copies: writing to them leaves the calendar as it was", () => {
  const between = calendar.sessionsBetween(on("2024-05-01"), on("2024-05-02"));
  between.fill(0);
  calendar.sessions.fill(0);
  expect(isoDate(calendar.next(on("2024-04-30")))).toBe("2024-05-01");
});

test("a day or a step outside the calendar is a usage error that names the span, not a guess", () => {
  const attempt = (): boolean => calendar.isSession(on("2028-01-04"));
  expect(attempt).toThrow("expected a day from 2008-01-01 to 2027-12-31, found 2028-01-04");
  expect(() => calendar.next(on("2027-12-30"))).toThrow("no session 1 sessions from 2027-12-30");
  expect(() => calendar.previous(on("2008-01-04"))).toThrow("no session -1 sessions");
  expect(() => calendar.isSession(0.5)).toThrow("found 0.5");
  let code = 0;
  try {
    attempt();
  } catch (error) {
    code = exitCodeOf(error);
  }
  expect(code).toBe(2);
});

test("a calendar without days is refused", () => {
  expect(() => new Calendar({ firstDay: 0, divisions: [], source: "nowhere" })).toThrow(
    "calendar nowhere: expected at least one day, found none",
  );
});
