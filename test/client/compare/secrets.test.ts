import t from "tap";
import { parseJsonText } from "../../../src/client/compare/parse-json.ts";
import { Secrets } from "../../../src/client/compare/secrets.ts";

const secrets = new Secrets();

const texts: [text: string, shown: string][] = [
  ["nothing here", "nothing here"],
  ["/x?token=abc&page=2", "/x?token=(masked)&page=2"],
  ["/x?Access_Token=abc", "/x?Access_Token=(masked)"],
  ['data: {"password": "abc", "v": 1}', 'data: {"password": "(masked)", "v": 1}'],
  ['{\\"password\\":\\"abc\\"}', '{\\"password\\":\\"(masked)"}'],
  ["Authorization: Bearer a.b.c", "Authorization: (masked)"],
  ["token", "token"],
  ["token=", "token=(masked)"],
  ["tokens are fine", "tokens are fine"],
];

for (const [text, shown] of texts) {
  void t.test(`shows ${text} as ${shown}`, async (t) => {
    t.equal(secrets.text(text), shown);
  });
}

void t.test("a secret longer than what is shown does not show its middle", async (t) => {
  const text = `token=${"s".repeat(5_000)}end`;
  t.notMatch(secrets.text(text, 4_000), "sss");
  t.notMatch(secrets.text(text, 5_006), "sss");
});

void t.test("values in JSON are masked below a secret's name, at any depth", async (t) => {
  const show = (text: string, path: string[] = []) => {
    const read = parseJsonText(text);
    return "fault" in read ? "" : secrets.json(path, read.value);
  };
  t.equal(
    show('{"a":[{"Password":"x"}],"token":{"b":1}}'),
    '{"a": [{"Password": (masked)}], "token": (masked)}',
  );
  t.equal(show('"x"', ["cookie"]), "(masked)");
  t.equal(show('"see /x?token=abc"'), '"see /x?token=(masked)"');
});

void t.test("names are the user's to choose", async (t) => {
  t.equal(new Secrets(["x-mine"]).field("X-Mine", ["a"]), "(masked)");
  t.equal(new Secrets(["x-mine"]).field("cookie", ["a", "b"]), "a, b");
});
