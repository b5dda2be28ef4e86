import t from "tap";
import { FilterError } from "../../../src/filters/index.ts";
import { parseIgnoreRule } from "../../../src/client/compare/parse-ignore-rule.ts";
import { formatPlace, type Place } from "../../../src/client/compare/place.ts";

const understood: [written: string, subject: object][] = [
  ["status", { of: "status" }],
  ["body", { of: "body" }],
  ["header:Date", { of: "header", name: "date" }],
  ["header:x-*", { of: "header", name: "x-*" }],
  ["trailer:grpc-status", { of: "trailer", name: "grpc-status" }],
  ["/a/0/b", { of: "json", steps: [{ key: "a" }, { key: "0" }, { key: "b" }] }],
  ["body/a", { of: "json", steps: [{ key: "a" }] }],
  ["/", { of: "json", steps: [{ key: "" }] }],
  ["/*/**/**/x", { of: "json", steps: ["one", "any", { key: "x" }] }],
  ["/~0~1~2~01", { of: "json", steps: [{ key: "~/*~1" }] }],
  ["/a*", { of: "json", steps: [{ key: "a*" }] }],
  ["body:line 12", { of: "line", line: 12 }],
  ["grpc:message 2", { of: "grpc", message: 2, fields: [] }],
  ["grpc:field 3.*.1", { of: "grpc", message: undefined, fields: [3, "*", 1] }],
  ["grpc:message 2 field 3.1", { of: "grpc", message: 2, fields: [3, 1] }],
];

for (const [written, subject] of understood) {
  void t.test(`understands ${written}, and takes it back with +`, async (t) => {
    t.match(parseIgnoreRule(written), { text: written, action: "ignore", by: "rule", subject });
    t.match(parseIgnoreRule(`+${written}`), { text: written, action: "compare", subject });
  });
}

const refused: [written: string, code: string, position: number, hint: RegExp][] = [
  ["", "unexpected-end", 0, /header:date/],
  ["+", "unexpected-end", 1, /header:date/],
  ["heder:date", "unknown-name", 0, /Did you mean header:date\?/],
  ["+traler:x", "unknown-name", 1, /Did you mean trailer:x\?/],
  ["statsu", "unknown-name", 0, /Did you mean status\?/],
  ["date", "unknown-name", 0, /header:date .* \/date/],
  ["a/b", "unknown-name", 0, /starts with a slash: \/a\/b/],
  ["header:", "unexpected-end", 7, /header:x-\*/],
  ["header:da te", "unexpected-character", 9, /letters/],
  ["header:date: Mon", "unexpected-character", 11, /names a field only/],
  ["/a/b~3", "bad-escape", 4, /~0/],
  ["/a~", "bad-escape", 2, /~0/],
  [`/${"a/".repeat(200)}`, "too-deep", 0, /^$/],
  ["line:abc", "bad-value", 5, /between slashes/],
  ["line:/(a/", "pattern-syntax", 6, /./],
  ["line:/a(?=b)/", "pattern-unsupported", 7, /./],
  ["body:12", "bad-value", 5, /body:line 12/],
  ["body:line 0", "bad-value", 5, /body:line 12/],
  ["grpc:", "bad-value", 5, /grpc:message 2/],
  ["grpc:message x", "bad-value", 5, /grpc:message 2/],
];

for (const [written, code, position, hint] of refused) {
  void t.test(`refuses ${JSON.stringify(written.slice(0, 30))} at its place, with help`, async (t) => {
    try {
      parseIgnoreRule(written);
      t.fail("was understood");
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      t.equal(error.code, code);
      t.ok(error.position >= position && error.position <= position + 3, `at ${error.position}`);
      t.match(error.hint, hint);
      if (written !== "") t.match(error.render(), "^");
    }
  });
}

void t.test("every place can be given as it is shown", async (t) => {
  const places: Place[] = [
    { at: "status" },
    { at: "header", name: "X-A" },
    { at: "trailer", name: "x" },
    { at: "body" },
    { at: "json", path: ["a/b", 3, "", "*", "**", "~2", "a*b", "ü"] },
    { at: "line", line: 7 },
    { at: "grpc", message: 2, fields: [] },
    { at: "grpc", message: 2, fields: [3, 1] },
  ];
  for (const place of places) {
    const { subject } = parseIgnoreRule(formatPlace(place));
    if (place.at === "json") t.match(subject, { steps: place.path.map((step) => ({ key: String(step) })) });
    else t.equal(subject.of, place.at);
  }
});
