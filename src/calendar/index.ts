// The trading calendar of the Japan Exchange Group: sessions, session arithmetic, closes and disclosure cut-offs.

export { Calendar, type HolidayDivision } from "./calendar.ts";
export {
  civilOfDay,
  dayOfCivil,
  dayOfWeek,
  epochDay,
  isoDate,
  isoMonth,
  jstDay,
  jstInstantMs,
  jstTimeOfDay,
  timeOfDayMs,
} from "./days.ts";
export { closeExtensionDay, closeInstantMs, closeTime, effectiveSession } from "./disclosure.ts";
export {
  calendarFromRows,
  type CalendarRow,
  holidayTradingDay,
  jpxCalendar,
  marketReformDay,
  systemHaltDay,
} from "./jpx.ts";
