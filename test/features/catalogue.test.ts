// The catalogue says of every column how it is made, and counts the sets from the registry.

import { join } from "node:path";
import { expect, test } from "vitest";
import {
  catalogueEntries,
  catalogueHtml,
  catalogueMarkdown,
  defaultRegistry,
  setSizes,
} from "../../src/features/index.ts";

const registry = defaultRegistry();

test("every visible feature has one entry with all its fields", () => {
  const entries = catalogueEntries(registry);
  const visible = registry.features.filter(({ internal }) => !internal);
  expect(entries.map(({ name }) => name)).toEqual(visible.map(({ name }) => name));
  for (const { name, formula, availability, lookback, source } of entries) {
    for (const text of [formula, availability, lookback, source]) {
      expect(text, name).not.toBe("");
    }
  }
});

test("Markdown and HTML name every column and the size of every set", () => {
  const [markdown, html] = [catalogueMarkdown(registry), catalogueHtml(registry)];
  for (const { name } of catalogueEntries(registry)) {
    expect(markdown).toContain(`| ${name} |`);
    expect(html).toContain(`<td>${name}</td>`);
  }
  for (const [name, size] of setSizes(registry)) {
    expect(markdown).toContain(`| ${name} | ${size} |`);
  }
  expect(html).not.toContain("<script");
});

test("premium holds standard, and standard holds core62", () => {
  const sizes = new Map(setSizes(registry));
  expect(sizes.get("premium")).toBeGreaterThan(sizes.get("standard") ?? 0);
  expect(sizes.get("standard")).toBeGreaterThan(sizes.get("core62") ?? 0);
});

test("docs/catalogue.md is what the registry says; `npx vitest run test/features/catalogue.test.ts -u` writes it anew", async () => {
  const page = join(import.meta.dirname, "../../docs/catalogue.md");
  await expect(catalogueMarkdown(registry)).toMatchFileSnapshot(page);
});
