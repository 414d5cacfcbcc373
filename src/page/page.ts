// One self-contained HTML page: no scripts, no external requests, light and dark, readable on a phone.

import { escapeHtml } from "./chart.ts";

export interface Section {
  readonly title: string;
  /** One sentence that says how to read it. */
  readonly lead?: string;
  /** Trusted HTML made by chart, table and escapeHtml. */
  readonly body: string;
}

export interface PageContent {
  readonly title: string;
  readonly subtitle: string;
  /** A banner above everything, such as "made from simulated data". */
  readonly notice?: string | undefined;
  readonly sections: readonly Section[];
  /** True for pages whose tables need the whole screen. */
  readonly isWide?: boolean;
}

/** The page as one HTML document. */
export function page({ title, subtitle, notice, sections, isWide = false }: PageContent): string {
  const banner = notice === undefined ? "" : `<p class="notice">${escapeHtml(notice)}</p>`;
  const contents = sections
    .map((section) => `<a href="#${slug(section.title)}">${escapeHtml(section.title)}</a>`)
    .join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body${isWide ? ' class="whole"' : ""}>
<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p>${banner}<nav>${contents}</nav></header>
<main>
${sections.map(renderSection).join("\n")}
</main>
</body>
</html>
`;
}

export interface TableContent {
  readonly columns: readonly string[];
  /** Cells as text; numbers are aligned right. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Characters from which on a column's cells break into lines. */
const longText = 40;

/** A table that scrolls sideways on narrow screens, its first column held; null prints as a dash. */
export function table({ columns, rows }: TableContent): string {
  const texts = columns.map((_, column) => rows.map((row) => cellText(row[column])));
  const numeric = texts.map((cells, column) => column > 0 && cells.every(isNumeric));
  const long = texts.map((cells) => cells.some((text) => text.length > longText));
  const cell = (tag: "th" | "td", text: string, column: number): string => {
    const kind = numeric[column] ? ' class="number"' : long[column] ? ' class="long"' : "";
    return `<${tag}${kind}>${escapeHtml(text)}</${tag}>`;
  };
  const head = columns.map((name, column) => cell("th", name, column)).join("");
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((value, column) => cell("td", cellText(value), column)).join("")}</tr>`,
    )
    .join("\n");
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}

/** Large figures in a row: the ones to read first. */
export function tiles(items: readonly Tile[]): string {
  const body = items.map(
    ({ label, value, note = "" }) =>
      `<div class="tile"><span>${escapeHtml(label)}</span><strong>${escapeHtml(value)}</strong><small>${escapeHtml(note)}</small></div>`,
  );
  return `<div class="tiles">${body.join("")}</div>`;
}

function renderSection({ title, lead, body }: Section): string {
  const sentence = lead === undefined ? "" : `<p class="lead">${escapeHtml(lead)}</p>`;
  return `<section id="${slug(title)}"><h2>${escapeHtml(title)}</h2>${sentence}${body}</section>`;
}

function cellText(cell: string | number | null): string {
  return cell === null ? "–" : String(cell);
}

function isNumeric(text: string): boolean {
  return /^(–|[−\-+]?\d[\d.,]*(e[−\-+]?\d+)?( ?%)?( to [−\-+]?\d[\d.]*( ?%)?)?)$/u.test(text);
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-");
}

const style = `
:root{--text:#1b2430;--muted:#5b6776;--line:#d8dee6;--ground:#fff;--card:#f6f8fa;--accent:#1f6feb;--warn:#9a4b00;
--series-1:#1f6feb;--series-2:#c2410c;--series-3:#15803d;--series-4:#7e22ce;--series-5:#b45309;--series-6:#0e7490;
--low:#c2410c;--mid:#f1f3f5;--high:#1f6feb}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--muted:#9aa7b4;--line:#30363d;--ground:#0d1117;--card:#161b22;
--accent:#58a6ff;--warn:#e3a04f;--series-1:#58a6ff;--series-2:#f0883e;--series-3:#56d364;--series-4:#bc8cff;--series-5:#e3b341;
--series-6:#39c5cf;--low:#f0883e;--mid:#21262d;--high:#58a6ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:860px;padding:24px 20px 64px;background:var(--ground);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","Hiragino Sans","Noto Sans CJK JP",sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:0 0 4px}
header p{color:var(--muted);margin:0 0 12px;overflow-wrap:anywhere}
header .notice{color:var(--warn);border:1px solid var(--warn);border-radius:8px;padding:8px 12px}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.9rem}
a{color:var(--accent);text-decoration:none}
section{margin-top:36px}
.lead{color:var(--muted);margin:0 0 12px}
figure{margin:0 0 18px}
figcaption{color:var(--muted);font-size:.8rem;text-align:center}
figure svg{display:block;max-width:100%;height:auto;margin:0 auto}
.narrow{display:none}
.scroll{overflow-x:auto;margin:0 0 20px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;min-width:100%}
th,td{padding:6px 10px;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
th{color:var(--muted);font-weight:600}
th.number,td.number{text-align:right}
td{vertical-align:top}
td.long{white-space:normal;min-width:15em;overflow-wrap:anywhere}
th:first-child,td:first-child{position:sticky;left:0;background:var(--ground)}
.whole{max-width:1240px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0 0 20px}
.tile{background:var(--card);border-radius:8px;padding:12px 14px;display:flex;flex-direction:column}
.tile span,.tile small{color:var(--muted);font-size:.8rem}
.tile strong{font-size:1.45rem;line-height:1.3}
dl.hashes{font-size:.8rem;color:var(--muted)}
dl.hashes dd{margin:0 0 6px;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
@media (max-width:640px){body{padding:16px 14px 48px}.wide{display:none}.narrow{display:block}th,td{padding:6px 7px}td.long{min-width:12em}}
`;
