import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axisStyle, bars, chart, escapeHtml, page, table } from "../../src/page/index.ts";

const browser = "/usr/bin/chromium";

function samplePage(): string {
  const bars = chart(
    () => ({
      xAxis: { type: "category", data: ["a", "b"], ...axisStyle },
      yAxis: { type: "value", ...axisStyle },
      series: [{ type: "bar", data: [1, 2] }],
    }),
    { label: "Bars" },
  );
  const wide = table({
    columns: ["name", ...Array.from({ length: 12 }, (_, index) => `column ${index}`)],
    rows: [["a <b>", ...Array.from({ length: 12 }, () => 0.123456)]],
  });
  const sections = [{ title: "One", lead: "How to read it.", body: bars + wide }];
  return page({ title: "T & U", subtitle: "s", notice: "simulated", sections });
}

describe("page", () => {
  it("escapes text and asks for nothing from outside", () => {
    const html = samplePage();
    expect(html).toContain("T &amp; U");
    expect(html).toContain("a &lt;b&gt;");
    expect(html.replaceAll(/xmlns(:xlink)?="[^"]+"/gu, "")).not.toMatch(
      /https?:|<script|@import|url\(/u,
    );
  });

  it("prints null as a dash and aligns a column of numbers", () => {
    const html = table({
      columns: ["name", "figure"],
      rows: [
        ["a", 1.5],
        ["b", null],
      ],
    });
    expect(html).toContain('<td class="number">–</td>');
    expect(html).toContain('<th class="number">figure</th>');
  });

  it("aligns exponents, percentages and ranges as numbers, and a column without a value as text", () => {
    const html = table({
      columns: ["name", "small", "share", "range", "empty"],
      rows: [["a", "1.2e-7", "4.5 %", "-0.5 % to 1 %", ""]],
    });
    expect(html.match(/<td class="number">/gu)).toHaveLength(3);
    expect(html).toContain("<td></td>");
  });

  it("lets a column of long texts break into lines", () => {
    const html = table({
      columns: ["name", "detail"],
      rows: [
        ["a", "word ".repeat(12)],
        ["b", "c"],
      ],
    });
    expect(html.match(/<td class="long">/gu)).toHaveLength(2);
  });

  it("draws every name of a bar chart, for wide and for narrow screens", () => {
    const names = Array.from({ length: 20 }, (_, i) => `feature_${i}`);
    const html = bars(
      names.map((name, value) => ({ name, value })),
      "Importance",
    );
    for (const name of names) {
      expect(html.match(new RegExp(`>${name}<`, "gu")), name).toHaveLength(2);
    }
  });

  it("escapes every character that ends text or an attribute", () => {
    expect(escapeHtml(`<a href="x">&`)).toBe("&lt;a href=&quot;x&quot;&gt;&amp;");
  });
});

describe.skipIf(!existsSync(browser))("page in Chromium", () => {
  it("fits 390 pixels without sideways scrolling and shows one drawing of each chart", async () => {
    const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
    const chrome = await chromium.launch({ executablePath: browser, args });
    try {
      for (const [width, shown] of [
        [390, "narrow"],
        [1280, "wide"],
      ] as const) {
        const tab = await chrome.newPage({ viewport: { width, height: 800 } });
        await tab.setContent(samplePage());
        expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(width);
        const visible = await tab
          .locator("figure > div:visible")
          .evaluateAll((found) => found.map((element) => element.className));
        expect(visible).toEqual([shown]);
        await tab.close();
      }
    } finally {
      await chrome.close();
    }
  });
});
