import t from "tap";
import { cutTo, fit, harmless, widthOf } from "../../../src/client/watch/cell-width.ts";
import { curlCommand } from "../../../src/client/watch/curl-command.ts";
import { readKeys } from "../../../src/client/watch/keys.ts";
import { shortSize, shortTime } from "../../../src/client/watch/columns.ts";
import { wrapStyled } from "../../../src/client/watch/wrap-styled.ts";
import { decision } from "../../fixtures/decision.ts";

void t.test("what could move a cursor or turn a text round is replaced", async (t) => {
  t.equal(harmless("/a\x1b[2J\r\n\x07\u009b31m"), "/a�[2J����31m");
  t.equal(harmless("a\u202eb\u200dc\u2028d\ud800"), "a�b�c�d�");
  t.equal(harmless("/straße/日本"), "/straße/日本");
});

void t.test("a text takes as many cells as a terminal gives it", async (t) => {
  for (const [text, width] of [
    ["abc", 3],
    ["straße", 6],
    ["日本", 4],
    ["한글", 4],
    ["ｆｕｌｌ", 8],
    ["e\u0301", 1],
    ["😀", 2],
    ["✓→…", 3],
  ] as const)
    t.equal(widthOf(text), width, text);
});

void t.test("a text is cut and filled to a width, never beyond", async (t) => {
  t.equal(fit("abc", 5), "abc  ");
  t.equal(fit("abc", 5, "right"), "  abc");
  t.equal(fit("abcdef", 4), "abc…");
  t.equal(fit("日本語", 4), "日… ", "half a character is none");
  t.equal(cutTo("日本語", 6), "日本語");
  t.equal(cutTo("abc", 0), "");
  for (let width = 0; width < 12; width++) t.equal(widthOf(fit("a日b本c😀e\u0301", width)), width);
});

void t.test(
  "a line with colours is wrapped where the screen ends, and each piece has its colours",
  async (t) => {
    t.same(wrapStyled("ab\x1b[31mcdef\x1b[39mgh", 3), [
      "ab\x1b[31mc",
      "\x1b[31mdef\x1b[39m",
      "\x1b[31m\x1b[39mgh",
    ]);
    t.same(wrapStyled("日本語", 5), ["日本", "語"]);
    t.same(wrapStyled("", 5), [""]);
  },
);

void t.test("keys are read as terminals send them, in any pieces", async (t) => {
  const names = (typed: string) =>
    readKeys(typed).keys.map((key) =>
      key.name === "text" ? key.text : key.name === "ctrl" ? `^${key.letter}` : key.name,
    );
  t.same(names("j\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[4~"), [
    "j",
    "up",
    "down",
    "page-up",
    "page-down",
    "home",
    "end",
  ]);
  t.same(names("\r\x7f\x03\x1a\u00e9😀"), ["enter", "backspace", "^c", "^z", "é", "😀"]);
  t.same(names("\x1b[1;5A"), ["up"], "with Ctrl");
  t.same(names("\x1b[200~\x1b[?1;2c\x1b[<0;1;1M"), [], "sequences that mean nothing here");
  t.same(names("\x1bq"), ["escape", "q"]);
  for (const begin of ["\x1b", "\x1b[", "\x1b[5", "\x1bO"])
    t.same(readKeys(begin), { keys: [], rest: begin });
});

void t.test("durations and sizes fit their columns", async (t) => {
  const times = [0, 0.04, 9.94, 9.96, 999.4, 999.6, 99_949, 99_951, 3_599_000, 3_600_000, 360_000_000];
  for (const ms of times) t.ok(shortTime(ms).length <= 7, `${ms}: ${shortTime(ms)}`);
  t.same([0, 4.25, 320, 1_500, 120_000].map(shortTime), ["0.0ms", "4.3ms", "320ms", "1.5s", "2min"]);
  for (const size of [0, 999, 1_000, 9_949, 9_951, 999_499, 999_501, 1e9, 5e11, 9e12])
    t.ok(shortSize(size).length <= 6, `${size}: ${shortSize(size)}`);
  t.same([0, 999, 1_500, 2e6].map(shortSize), ["0", "999", "1.5k", "2.0M"]);
});

void t.test("a request as curl is one line for a shell, with what is told of it", async (t) => {
  const head = [
    ["Host", "shop"],
    ["X-Quote", "it's"],
    ["Content-Length", "3"],
    ["X-Empty", ""],
  ] as const;
  t.equal(
    curlCommand(decision({ method: "POST", target: "/a b?x={1}", head })),
    `curl -X POST --globoff 'http://shop/a b?x={1}' -H 'X-Quote: it'\\''s' -H 'X-Empty;'`,
  );
  t.equal(curlCommand(decision({ target: "/a", port: 8080 })), "curl http://localhost:8080/a");
  t.equal(curlCommand(decision({ method: "" })), undefined);
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  t.notMatch(curlCommand(decision({ target: "/\x1b[2J\n" })) ?? "", /[\x00-\x1f]/);
});
