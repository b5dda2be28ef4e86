import t from "tap";
import { parseEnvironBlock } from "../../../src/client/context/environ-block.ts";
import { Random } from "../../filters/random.ts";

function parse(text: string) {
  const { variables, isOverwritten } = parseEnvironBlock(Buffer.from(text, "latin1"));
  return { variables: Object.fromEntries(variables), isOverwritten };
}

void t.test("a block is read as the process was started with it", async (t) => {
  const cases: [block: string, variables: Record<string, string>, isOverwritten?: boolean][] = [
    ["", {}],
    ["A=1\0", { A: "1" }],
    ["A=\0B=b=c\0", { A: "", B: "b=c" }],
    ["A=two\nlines\0a b.c=d\0", { A: "two\nlines", "a b.c": "d" }],
    ["\xFF=\x80\xFE\0", { "\xFF": "\x80\xFE" }],
    ["A=first\0A=second\0", { A: "first" }],
    // Written over: by a title, by zeros, or by who has moved its end.
    ["worker process\0\0\0\0ME=/root\0B=1\0", { B: "1" }, true],
    ["\0\0\0\0", {}, true],
    ["title\0ATH=/bin\0B=1\0", { B: "1" }, true],
    ["A=1\0=x\0B=1\0C=1\0", { A: "1", C: "1" }, true],
    ["A=1\0B=cut", { A: "1" }, true],
  ];
  for (const [block, variables, isOverwritten = false] of cases)
    t.same(parse(block), { variables, isOverwritten }, JSON.stringify(block));
});

void t.test("garbage makes no variable that is not there, and none without a name", async (t) => {
  const random = new Random(41);
  const letters = ["A", "B", "=", "\0", "\n", "\xFF"];
  for (let round = 0; round < 3_000; round++) {
    const block = Array.from({ length: random.below(12) }, () => random.pick(letters)).join("");
    for (const [name, value] of Object.entries(parse(block).variables))
      if (name === "" || !`\0${block}`.includes(`\0${name}=${value}\0`)) t.fail(JSON.stringify(block));
  }
});
