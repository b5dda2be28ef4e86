import t from "tap";
import type { JsonValue } from "../../../src/client/compare/json-value.ts";
import { parseJsonText } from "../../../src/client/compare/parse-json.ts";
import { Random, randomJson } from "./random-json.ts";

function plain(value: JsonValue): unknown {
  if (value.type === "array") return value.items.map(plain);
  if (value.type === "object")
    return Object.fromEntries([...value.members].map(([key, member]) => [key, plain(member)]));
  return value.type === "string" ? value.text : (JSON.parse(value.text) as unknown);
}

function accepts(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

void t.test("reads what JSON.parse reads, and refuses what it refuses", async (t) => {
  const random = new Random(17);
  const spoil = [
    "",
    ",",
    "]",
    "}",
    '"',
    "\\",
    "1",
    "-",
    ".",
    "e",
    " ",
    "\n",
    "\u0000",
    ":",
    "null",
    "tru",
    "\\u12",
  ];
  let refused = 0;
  for (let round = 0; round < 3_000; round++) {
    const text = JSON.stringify(randomJson(random, 3, { next: 1 }), undefined, random.number(3));
    const at = random.number(text.length + 1);
    const spoiled = text.slice(0, at) + random.pick(spoil) + text.slice(at + random.number(2));
    const read = parseJsonText(spoiled);
    const expected = accepts(() => JSON.parse(spoiled) as unknown);
    if ("fault" in read === expected) t.fail(spoiled);
    if ("fault" in read) refused++;
    else if (
      JSON.stringify(plain(read.value)) !== JSON.stringify(JSON.parse(spoiled)) &&
      read.repeatedKeys.length === 0
    )
      t.same(plain(read.value), JSON.parse(spoiled));
  }
  t.ok(refused > 500);
});

void t.test("says where and why it stops", async (t) => {
  t.same(parseJsonText('{"a":01}'), { fault: "syntax", position: 6 });
  t.same(parseJsonText(""), { fault: "syntax", position: 0 });
  t.match(parseJsonText("[".repeat(200)), { fault: "too-deep", position: 128 });
  t.match(parseJsonText(`[${"0,".repeat(200_000)}0]`), { fault: "too-large" });
});
