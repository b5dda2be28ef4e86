import { readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { linesSchema } from "../../../src/client/json-lines/lines-schema.ts";

const file = new URL("../../../docs/json-lines.schema.json", import.meta.url);
const guide = new URL("../../../docs/json-lines.md", import.meta.url);

void t.test("docs/json-lines.schema.json is the one that the definition gives", (t) => {
  const text = `${JSON.stringify(linesSchema(), undefined, 2)}\n`;
  // MAGPIE_WRITE_DOCS=1 tap test/client/json-lines/lines-schema.test.ts
  if (process.env["MAGPIE_WRITE_DOCS"] === "1") writeFileSync(file, text);
  t.ok(readFileSync(file, "utf8") === text, "run this test with MAGPIE_WRITE_DOCS=1 to write it again");
  t.end();
});

void t.test("readers are told that there may be more fields", (t) => {
  t.notMatch(JSON.stringify(linesSchema()), /"additionalProperties":false/);
  t.end();
});

void t.test("docs/json-lines.md tells of every event", (t) => {
  const text = readFileSync(guide, "utf8");
  const names = [...JSON.stringify(linesSchema()).matchAll(/"event":\{"type":"string","const":"([^"]+)"/g)];
  t.ok(names.length > 25);
  const untold = names.map(([, name = ""]) => name).filter((name) => !text.includes(`\`${name}\``));
  t.same(untold, []);
  t.end();
});
