// What README, docs, help and error messages tell people to type exists: every command, every option, every link.

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../src/cli.ts";

const root = join(import.meta.dirname, "..");
const pages = ["README.md", ...globSync(["docs/*.md", "docs/decisions/*.md"], { cwd: root })];
const program = await createProgram();

/** Fenced lines, continued ones joined, and spans between backticks. */
function codeOf(markdown: string): string[] {
  const fences = [...markdown.matchAll(/^```[^\n]*\n([^]*?)^```/gmu)].map(([, body]) => body);
  const prose = markdown.replaceAll(/^```[^]*?^```/gmu, "");
  const lines = fences.flatMap((body) => body.replaceAll(/\\\n\s*/gu, " ").split("\n"));
  const spans = [...prose.matchAll(/`([^`]+)`/gu)].map(([, span]) => span.replaceAll("\n", " "));
  return [...lines, ...spans];
}

/** Invocations in a line of shell or a span: what follows `gogooku3`, or a span that begins with a command. */
function invocations(code: string): string[] {
  const [shell] = code.split(/\s#|\s\|\s|;|&&/u);
  const called = /(?:^|\s|`)gogooku3\s+(.*)$/u.exec(shell)?.[1];
  if (called !== undefined) return [called];
  const isBare = program.commands.some((command) => shell.startsWith(`${command.name()} `));
  return isBare && shell.includes("--") ? [shell] : [];
}

/** Faults of one invocation: a word where a command must stand, an option that no command on the way has. */
function faultsOf(invocation: string): string[] {
  const words = invocation.trim().split(/\s+/u);
  const faults: string[] = [];
  const known = new Set(["--help", ...optionNames(program)]);
  let command: Command = program;
  let isValue = false;
  for (const word of words) {
    if (word.startsWith("--")) {
      const [name] = word.split("=");
      if (!known.has(name)) faults.push(`${command.name()} has no ${name}`);
      isValue = command === program && name === "--home";
      continue;
    }
    const next = command.commands.find((child) => child.name() === word.split("|")[0]);
    if (next !== undefined) {
      command = next;
      for (const name of optionNames(next)) known.add(name);
    } else if (!isValue && command.commands.length > 0 && takesNothing(command)) {
      if (/^[a-z]/u.test(word)) faults.push(`${command.name()} has no command ${word}`);
      break;
    }
    isValue = false;
  }
  return faults;
}

function takesNothing(command: Command): boolean {
  return command.registeredArguments.length === 0 && defaultOf(command) === undefined;
}

/** `simulate` serves when no subcommand is named. */
function defaultOf({ commands }: Command): Command | undefined {
  return commands.find((child) => child.name() === "serve");
}

function optionNames(command: Command): string[] {
  const serving = defaultOf(command);
  const own = command.options.flatMap(({ long }) => long ?? []);
  return serving === undefined ? own : [...own, ...optionNames(serving)];
}

describe("faultsOf", () => {
  it("finds a command and an option that do not exist", () => {
    expect(faultsOf("lake status")).toEqual([]);
    expect(faultsOf("--home /tmp/x predict --model production")).toEqual([]);
    expect(faultsOf("fly --high")).toEqual(["gogooku3 has no command fly"]);
    expect(faultsOf("lake fly")).toEqual(["lake has no command fly"]);
    expect(faultsOf("predict --modle x")).toEqual(["predict has no --modle"]);
  });
});

describe.each(pages)("%s", (page) => {
  const text = readFileSync(join(root, page), "utf8");

  it("names commands and options that exist", () => {
    expect(codeOf(text).flatMap(invocations).flatMap(faultsOf)).toEqual([]);
  });

  it("links to files and headings that exist", () => {
    const prose = text.replaceAll(/^```[^]*?^```/gmu, "");
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/gu)].map(([, link]) => link);
    const broken = links.filter((link) => !/^https?:/u.test(link) && !isThere(page, link));
    expect(broken).toEqual([]);
  });
});

function isThere(page: string, link: string): boolean {
  const [path, anchor] = link.split("#");
  const file = path === "" ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(file)) return false;
  if (anchor === undefined) return true;
  const headings = readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gmu);
  return [...headings].some(([, heading]) => slug(heading) === anchor);
}

/** As GitHub makes anchors of headings. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, "")
    .replaceAll(/\s/gu, "-");
}

it("error messages and help texts name commands and options that exist", () => {
  const sources = globSync(["src/**/*.ts", "bench/**/*.ts", "tools/*.ts", "examples/**/*.yaml"], {
    cwd: root,
  });
  const faults = sources.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    // Between backticks, or a line of a help text's examples.
    const called = text.matchAll(/(?:`|\\n {2})gogooku3 ([a-z][^`"'$;,)\n\\]*)/gu);
    return [...called].flatMap(([, words]) => faultsOf(words).map((fault) => `${file}: ${fault}`));
  });
  expect(faults).toEqual([]);
});
