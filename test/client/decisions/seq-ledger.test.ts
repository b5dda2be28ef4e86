import t from "tap";
import { SeqLedger } from "../../../src/client/decisions/seq-ledger.ts";

const memory = (kept: number, dropped = 0) => ({ kept, dropped, since: null });
const ended = { isFinal: true, from: "stream" } as const;
const found = { isFinal: true, from: "memory" } as const;
const begun = { isFinal: false, from: "memory" } as const;

function joined(): SeqLedger {
  const ledger = new SeqLedger();
  ledger.connected("a", memory(0));
  return ledger;
}

void t.test("a decision is new once, and changed once more when it ends", async (t) => {
  const ledger = joined();
  t.equal(ledger.heard(1, begun), "new");
  t.equal(ledger.underWay, 1);
  t.equal(ledger.heard(1, begun), "changed");
  t.equal(ledger.heard(1, ended), "changed");
  t.equal(ledger.heard(1, found), "known");
  t.equal(ledger.heard(2, found), "new");
  t.equal(ledger.heard(2, ended), "known", "the stream tells it, too");
  t.equal(ledger.missing, 0);
});

void t.test("what the stream left out is missing until it is found in memory", async (t) => {
  const ledger = joined();
  ledger.heard(1, ended);
  ledger.untold(3);
  t.equal(ledger.missing, 3);
  for (const seq of [2, 3]) ledger.heard(seq, found);
  t.equal(ledger.missing, 1);
  ledger.heard(3, ended);
  t.equal(ledger.missing, 2, "it had only not arrived yet: two others were left out");
});

void t.test("after a lost connection only what memory has forgotten is missing", async (t) => {
  const ledger = joined();
  for (const seq of [1, 2, 4]) ledger.heard(seq, ended);
  ledger.heard(5, begun);
  ledger.lost({ saidGoodbye: false });
  t.equal(ledger.unknownEnds, 1);
  t.equal(ledger.connected("a", memory(10, 3)), false);
  ledger.forgiveLoss();
  t.equal(ledger.unknownEnds, 0);
  t.equal(ledger.missing, 1, "3, of which nobody told");
  ledger.connected("a", memory(10, 8));
  t.equal(ledger.missing, 5, "3; 5 may have ended; 6 to 8 were never heard of");
  ledger.heard(5, ended);
  t.equal(ledger.missing, 4, "5 lasted long enough");
});

void t.test("another agent counts from one again", async (t) => {
  const ledger = joined();
  for (let seq = 1; seq <= 20; seq++) ledger.heard(seq, ended);
  ledger.heard(21, begun);
  t.equal(ledger.connected("b", memory(5)), true);
  t.equal(ledger.heard(1, found), "new");
  t.equal(ledger.missing, 1, "what the first one had under way");
  t.equal(ledger.connected("b", memory(2)), true, "the same name with fewer decisions");
});

void t.test("what it knows is bounded", async (t) => {
  const ledger = joined();
  for (let seq = 1; seq <= 200_000; seq++) ledger.heard(seq, ended);
  t.equal(ledger.lastSeq, 200_000);
  t.equal(ledger.heard(200_000 - 4_096, found), "known");
  t.equal(ledger.missing, 0);
});
