import t from "tap";
import { passedIn } from "../../iptables/src/passed-connections.ts";

void t.test("the counter is read from the rule that counts, wherever it stands", (t) => {
  const listing = [
    "table inet magpie_1 {",
    "\tchain prerouting {",
    '\t\tmeta mark 0x000006d7 counter packets 9 bytes 540 return comment "our own way to the app"',
    "\t}",
    "\tchain input {",
    '\t\ttcp flags & (fin | syn | rst | ack) == syn tcp dport @ports counter packets 12 bytes 720 comment "came past the rule"',
    "\t}",
    "}",
  ].join("\n");
  t.equal(passedIn(listing), 12);
  t.equal(passedIn("table inet magpie_1 {\n}"), 0);
  t.end();
});
