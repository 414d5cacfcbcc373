// Index bars: /indices/*.
// Facts: J-Quants API V2 specification; each field: wire type with its missing markers, V1 name, unit, extras.

export const indexBars = {
  path: "/indices/bars/daily",
  v1Path: "/indices",
  plan: "standard",
  bucket: "plan",
  bulk: true,
  parameters: {
    code: ["index", "Code"],
    date: ["day", "Date"],
    from: ["from", "Date"],
    to: ["to", "Date"],
    pagination_key: ["page"],
  },
  combinations: ["code from? to?", "code date", "date"],
  requires: ["date", "code"],
  key: ["Date", "Code"],
  order: ["Date", "Code"],
  dateField: "Date",
  historyStart: "2008-05-07",
  envelope: "data",
  publication: { kind: "close", date: "Date", served: "16:30" },
  fields: {
    Date: ["date", "Date"],
    Code: ["string", "Code"],
    O: ["number|null", "Open", "points"],
    H: ["number|null", "High", "points"],
    L: ["number|null", "Low", "points"],
    C: ["number", "Close", "points"],
  },
} as const;

export const topix = {
  path: "/indices/bars/daily/topix",
  v1Path: "/indices/topix",
  plan: "light",
  bucket: "plan",
  bulk: true,
  parameters: { from: ["from", "Date"], to: ["to", "Date"], pagination_key: ["page"] },
  combinations: ["from? to?"],
  requires: [],
  key: ["Date"],
  order: ["Date"],
  dateField: "Date",
  historyStart: "2008-05-07",
  envelope: "data",
  publication: { kind: "close", date: "Date", served: "16:30" },
  fields: {
    Date: ["date", "Date"],
    O: ["number", "Open", "points"],
    H: ["number", "High", "points"],
    L: ["number", "Low", "points"],
    C: ["number", "Close", "points"],
  },
} as const;
