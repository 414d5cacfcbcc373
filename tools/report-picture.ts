// `npm run picture -- REPORT.html`: the top of a report and two of its charts as docs/report.png, drawn by Chromium.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const target = fileURLToPath(new URL("../docs/report.png", import.meta.url));
const shown = ["in-short", "what-the-oracle-allowed", "rankic-over-time"];
const browser = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
const [report] = process.argv.slice(2);

if (report === undefined || !existsSync(report) || browser === undefined) {
  console.error(
    "picture: expected the path of a report, as `gogooku3 demo` prints it, and Chromium in /usr/bin",
  );
  process.exit(2);
}

const chrome = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
try {
  const tab = await chrome.newPage({ viewport: { width: 860, height: 900 }, colorScheme: "light" });
  await tab.goto(pathToFileURL(resolve(report)).href);
  const hidden = `nav,section:not(${shown.map((id) => `#${id}`).join(",")})`;
  await tab.addStyleTag({ content: `${hidden}{display:none}body{padding-bottom:24px}` });
  const missing: string[] = [];
  for (const id of shown) {
    if ((await tab.locator(`section#${id}`).count()) === 0) missing.push(id);
  }
  if (missing.length > 0)
    throw new Error(`picture: the report has no section ${missing.join(", ")}`);
  await tab.screenshot({ path: target, fullPage: true });
  console.log(target);
} finally {
  await chrome.close();
}
