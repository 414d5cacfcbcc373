// `npm run bench -- <name> [--quick]`: runs bench/<name>.bench.ts, prints its table and the machine it ran on.
// A bench module exports `run(options): Promise<BenchTable>`; ratios compare rows of one run only.

import { readdirSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import Table from "cli-table3";

export interface BenchOptions {
  /** Small sizes, to see that the bench works; its figures mean nothing. */
  readonly quick: boolean;
}

export interface BenchTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Targets and whether this run met them, one line each. */
  readonly notes?: readonly string[];
}

interface BenchModule {
  run(options: BenchOptions): Promise<BenchTable | readonly BenchTable[]>;
}

const suffix = ".bench.ts";

async function main(argv: readonly string[]): Promise<void> {
  const known = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length));
  const names = argv.filter((argument) => !argument.startsWith("--"));
  const unknown = names.filter((name) => !known.includes(name));
  if (names.length === 0 || unknown.length > 0) {
    console.error(`bench: expected one or more of ${known.join(", ")}; found ${names.join(" ")}`);
    process.exitCode = 2;
    return;
  }
  console.log(machine());
  for (const name of names) {
    const module: BenchModule = await import(`./${name}${suffix}`);
    const tables = await module.run({ quick: argv.includes("--quick") });
    for (const table of [tables].flat()) print(table);
  }
}

function machine(): string {
  const processor = cpus()[0]?.model ?? "unknown processor";
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus().length} × ${processor}, ${memory} GiB, Node ${process.version}, load ${loadavg()[0].toFixed(2)}`;
}

function print({ title, columns, rows, notes = [] }: BenchTable): void {
  const table = new Table({ head: [...columns], style: { head: [], border: [] } });
  for (const row of rows) table.push(row.map(String));
  console.log(`\n${title}\n${table.toString()}`);
  for (const note of notes) console.log(note);
}

await main(process.argv.slice(2));
