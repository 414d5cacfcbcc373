// When companies speak: disclosure days after a period's end, and times of day before, at and after the close.

import { closeExtensionDay } from "../../calendar/index.ts";

type TimeShare = readonly [time: string, share: number];

const timesUntil2024: readonly TimeShare[] = [
  ["08:30", 0.02],
  ["10:00", 0.03],
  ["11:30", 0.06],
  ["12:00", 0.05],
  ["13:00", 0.07],
  ["14:00", 0.1],
  ["14:59", 0.02],
  ["15:00", 0.36],
  ["15:10", 0.04],
  ["15:15", 0.05],
  ["15:30", 0.12],
  ["16:00", 0.06],
  ["17:00", 0.02],
];

const timesFrom2024: readonly TimeShare[] = [
  ["08:30", 0.02],
  ["10:00", 0.03],
  ["11:30", 0.07],
  ["12:00", 0.06],
  ["13:00", 0.08],
  ["14:00", 0.11],
  ["15:00", 0.14],
  ["15:29", 0.02],
  ["15:30", 0.32],
  ["15:40", 0.05],
  ["16:00", 0.08],
  ["17:00", 0.02],
];

/** Time of day, `HH:MM`, of a disclosure on `day` for a uniform draw. */
export function disclosureTime(day: number, draw: number): string {
  const shares = day >= closeExtensionDay ? timesFrom2024 : timesUntil2024;
  let sum = 0;
  for (const [time, share] of shares) {
    sum += share;
    if (draw < sum) return time;
  }
  return "15:00";
}

/** Part of the session day in which a disclosure at `time` moves the price: 0 overnight to 3 afternoon. */
export function partOfTime(time: string): number {
  if (time < "09:00") return 0;
  if (time < "11:30") return 1;
  return time < "12:30" ? 2 : 3;
}
