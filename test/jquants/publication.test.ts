import { describe, expect, it } from "vitest";
import { epochDay, isoDate, jpxCalendar } from "../../src/calendar/index.ts";
import {
  availableAtMs,
  endpointOf,
  servedAtMs,
  usableSession,
  type Plan,
  type SourceRow,
} from "../../src/jquants/index.ts";

const calendar = jpxCalendar();

function jst(instantMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instantMs)
    .toZonedDateTimeISO("Asia/Tokyo")
    .toPlainDateTime()
    .toString({ smallestUnit: "minute" });
}

function known(path: string, row: SourceRow): string {
  return jst(availableAtMs(endpointOf(path), row, calendar));
}

function served(path: string, row: SourceRow, plan?: Plan): string {
  return jst(servedAtMs(endpointOf(path), row, calendar, plan));
}

function usable(path: string, row: SourceRow): string {
  return isoDate(usableSession(endpointOf(path), row, calendar));
}

describe("prices", () => {
  const bars = "/equities/bars/daily";

  it("are known at the close, 15:00 until 2024-11-01 and 15:30 after, and served at 16:30", () => {
    expect(known(bars, { Date: "2024-11-01" })).toBe("2024-11-01T15:00");
    expect(known(bars, { Date: "2024-11-05" })).toBe("2024-11-05T15:30");
    expect(served(bars, { Date: "2024-11-05" })).toBe("2024-11-05T16:30");
  });

  it("may be used in their own session", () => {
    expect(usable(bars, { Date: "2024-11-05" })).toBe("2024-11-05");
  });

  it("of a day without a session are refused", () => {
    expect(() => known(bars, { Date: "2024-11-04" })).toThrow(/closed day/);
  });
});

describe("disclosures", () => {
  const path = "/fins/summary";
  const row = (DiscTime: string): SourceRow => ({ DiscDate: "2024-11-08", DiscTime });

  it("are known at their own instant", () => {
    expect(known(path, row("15:29:00"))).toBe("2024-11-08T15:29");
  });

  it("count for the session only strictly before its close", () => {
    expect(usable(path, row("15:29:59"))).toBe("2024-11-08");
    expect(usable(path, row("15:30:00"))).toBe("2024-11-11");
    expect(usable(path, row("15:31:00"))).toBe("2024-11-11");
  });

  it("count for the next session when their time is missing", () => {
    expect(usable(path, row(""))).toBe("2024-11-11");
  });

  it("are served in the evening, at 24:30 when they came late, and to Premium at once", () => {
    expect(served(path, row("15:00:00"))).toBe("2024-11-08T18:00");
    expect(served(path, row("18:30:00"))).toBe("2024-11-09T00:30");
    expect(served(path, row("15:00:00"), "premium")).toBe("2024-11-08T15:00");
  });

  it("of dividends are served by the hour from noon to 19:00 on sessions", () => {
    const dividend = (PubTime: string): SourceRow => ({ PubDate: "2024-11-08", PubTime });
    expect(served("/fins/dividend", dividend("09:21"))).toBe("2024-11-08T12:00");
    expect(served("/fins/dividend", dividend("14:01"))).toBe("2024-11-08T15:00");
    expect(served("/fins/dividend", dividend("19:30"))).toBe("2024-11-11T12:00");
  });
});

describe("figures published after the close", () => {
  it.each([
    ["/markets/short-ratio", { Date: "2024-11-08" }, "2024-11-08T16:30"],
    ["/markets/breakdown", { Date: "2024-11-08" }, "2024-11-08T18:00"],
    ["/markets/short-sale-report", { DiscDate: "2024-11-08" }, "2024-11-08T17:30"],
    ["/equities/investor-types", { PubDate: "2024-11-08" }, "2024-11-08T18:00"],
    ["/derivatives/bars/daily/options/225", { Date: "2024-11-08" }, "2024-11-09T03:00"],
  ])("of %s may be used from the next session", (path, row, instant) => {
    expect(known(path, row)).toBe(instant);
    expect(usable(path, row)).toBe("2024-11-11");
  });

  it("of the morning may be used the same day", () => {
    expect(usable("/equities/bars/daily/am", { Date: "2024-11-08" })).toBe("2024-11-08");
  });
});

describe("margin balances", () => {
  const path = "/markets/margin-interest";

  it("of a week come two sessions after it, holidays left out", () => {
    expect(known(path, { Date: "2024-11-01", PubDate: null })).toBe("2024-11-06T16:30");
    expect(usable(path, { Date: "2024-11-01", PubDate: null })).toBe("2024-11-07");
  });

  it("of a day come at 16:00 on their publication date", () => {
    expect(known(path, { Date: "2026-09-25", PubDate: "2026-09-28" })).toBe("2026-09-28T16:00");
  });
});

describe("schedules", () => {
  it("of issues stand on the evening before", () => {
    expect(known("/equities/master", { Date: "2024-11-05" })).toBe("2024-11-01T17:30");
  });

  it("of trading days stand from April of the year before", () => {
    expect(known("/markets/calendar", { Date: "2025-07-21" })).toBe("2024-04-01T00:00");
  });
});

describe("availableAtMs", () => {
  it("names the endpoint, the field and what it found", () => {
    expect(() => known("/equities/earnings-calendar", { Date: "" })).toThrow(
      '/equities/earnings-calendar: expected a date in Date, found ""',
    );
  });

  it("refuses endpoints without dated rows", () => {
    expect(() => known("/bulk/get", {})).toThrow(/no dated rows/);
  });

  it("never comes after the row is served", () => {
    const day = epochDay("2024-11-08");
    for (const time of ["08:00:00", "12:00:00", "15:30:00", "17:59:59", "23:59:59"]) {
      const row = { DiscDate: isoDate(day), DiscTime: time };
      const endpoint = endpointOf("/fins/summary");
      expect(availableAtMs(endpoint, row, calendar)).toBeLessThanOrEqual(
        servedAtMs(endpoint, row, calendar),
      );
    }
  });
});
