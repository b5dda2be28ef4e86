import { isIP } from "node:net";
import t from "tap";
import { ipVersion } from "../../src/protocol/ip-literal.ts";

const pieces = [
  "0",
  "1",
  "fd88",
  "ffff",
  "12345",
  "g",
  ":",
  ":",
  ":",
  "::",
  ".",
  "1.2.3.4",
  "256.1.1.1",
  "%",
  "%eth0",
  " ",
  "",
];

void t.test("whatever is put together is what node:net takes it for", async (t) => {
  const wrong: string[] = [];
  const seen = { 0: 0, 4: 0, 6: 0 };
  for (let turn = 0; turn < 60_000; turn++) {
    let text = "";
    const colons = turn % 2 === 0;
    for (let left = 1 + Math.floor(Math.random() * 9); left > 0; left--) {
      const piece = pieces[Math.floor(Math.random() * pieces.length)] ?? "";
      text += colons && left > 1 ? `${piece}:` : piece;
    }
    const version = ipVersion(text);
    seen[version]++;
    if (version !== isIP(text)) wrong.push(text);
  }
  t.same(wrong.slice(0, 10), []);
  t.ok(seen[6] > 50, `${seen[6]} of IPv6`);
});

void t.test("literals of both versions, and what looks like one", async (t) => {
  for (const text of [
    "1.2.3.4",
    "::",
    "::1",
    "fd88::10",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
  ])
    t.equal(ipVersion(text), isIP(text), text);
  for (const text of [
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5::1.2.3.4",
    "fe80::1%eth0",
    "FE80::A",
  ])
    t.equal(ipVersion(text), 6, text);
  for (const text of [
    "",
    "host",
    "1.2.3",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "::1%",
    "1.2.3.4::",
    "::12345",
  ])
    t.equal(ipVersion(text), 0, text);
});
