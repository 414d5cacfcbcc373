// Files of whole months and days: /bulk/*.
// Facts: J-Quants API V2 specification; each field: wire type with its missing markers, V1 name, unit, extras.

export const bulkList = {
  path: "/bulk/list",
  v1Path: null,
  plan: "light",
  bucket: "plan",
  bulk: false,
  parameters: { endpoint: ["text"], date: ["period"], from: ["period"], to: ["period"] },
  combinations: ["endpoint from? to?", "date"],
  requires: ["endpoint", "date"],
  exclusive: [["endpoint", "date"]],
  key: ["Key"],
  order: ["Key"],
  dateField: null,
  historyStart: null,
  envelope: "data",
  publication: null,
  fields: {
    Key: ["string"],
    LastModified: ["string"],
    Size: ["number", null, "bytes"],
  },
} as const;

export const bulkGet = {
  path: "/bulk/get",
  v1Path: null,
  plan: "light",
  bucket: "plan",
  bulk: false,
  parameters: { key: ["text"], endpoint: ["text"], date: ["period"] },
  combinations: ["key", "endpoint date"],
  requires: ["key", "endpoint"],
  key: [],
  order: [],
  dateField: null,
  historyStart: null,
  envelope: "object",
  publication: null,
  fields: {
    url: ["string"],
  },
} as const;
