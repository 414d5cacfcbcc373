// A process that ingests from a service on loopback; the kill test ends it at random moments. Arguments: home, base URL, now.

import { ManualClock } from "../../src/clock.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { openLake } from "../../src/lake/index.ts";

const [home, baseUrl, now, from, endpoints] = process.argv.slice(2);
const clock = new ManualClock(Number(now));
const client = new JquantsClient({
  apiKey: "key",
  baseUrl,
  plan: "standard",
  bucketOf: limitOf("standard", true),
  clock,
});
await ingest(
  { plan: "standard", from, endpoints: endpoints.split(",") },
  { lake: await openLake(home), client, clock },
);
