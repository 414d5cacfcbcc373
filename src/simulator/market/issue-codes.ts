// Issue codes: four digits and a 0, letters for listings from 2024, another last digit for preferred shares.

import type { Rng } from "../../rng.ts";

export interface CodeRequest {
  readonly isPreferred: boolean;
  readonly isAlphanumeric: boolean;
}

/** One 5-character code a request, in the order of the requests; the preferred share takes the first request's root. */
export function assignCodes(rng: Rng, requests: readonly CodeRequest[]): readonly string[] {
  const roots = rng.shuffle(Array.from({ length: 8600 }, (_, i) => 1300 + i));
  const alphanumeric = alphanumericRoots();
  const codes: string[] = [];
  let used = 0;
  for (const request of requests) {
    if (request.isPreferred) codes.push(`${codes[0].slice(0, 4)}5`);
    else if (request.isAlphanumeric) codes.push(`${alphanumeric.next().value}0`);
    else codes.push(`${roots[used++]}0`);
  }
  return codes;
}

/** 130A, 131A, ... 999A, 130C, ...: the exchange leaves out letters that look like others. */
function* alphanumericRoots(): Generator<string, string> {
  for (const letter of "ACDFGHJKLMNPRSTUWXY") {
    for (let number = 130; number <= 999; number += 1) yield `${number}${letter}`;
  }
  return "";
}
