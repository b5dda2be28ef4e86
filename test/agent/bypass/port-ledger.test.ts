import t from "tap";
import type { DirectConnection } from "../../../src/agent/bypass/look-past.ts";
import { PortLedger } from "../../../src/agent/bypass/port-ledger.ts";

function connections(...cookies: number[]): DirectConnection[] {
  return cookies.map((cookie) => ({ cookie, peer: `10.0.0.1:${cookie}`, isFromPod: false }));
}

void t.test("what the first look finds was there before, and is no bypass", (t) => {
  const ledger = new PortLedger();
  t.same(ledger.note(connections(1, 2), 5), { kind: "existing", open: 2 });
  t.equal(ledger.note(connections(1, 2), 5), undefined);
  t.equal(ledger.note(connections(2), 5), undefined);
  t.equal(ledger.existingOpen, 1);
  t.equal(ledger.warning, undefined);
  t.end();
});

void t.test("what comes later is told with numbers, once for each change that matters", (t) => {
  const ledger = new PortLedger();
  ledger.note([], 5);
  t.match(ledger.note(connections(3), 5), { kind: "bypass", numbers: { open: 1, seen: 1, passed: 0 } });
  t.equal(ledger.note(connections(3), 5), undefined, "nothing is new");
  t.match(
    ledger.note(connections(3, 4), 5),
    { kind: "bypass", numbers: { open: 2, seen: 2 } },
    "twice as many",
  );
  t.equal(ledger.note(connections(4, 5), 5), undefined, "half as many again");
  t.match(ledger.warning, { kind: "bypass", numbers: { open: 2, seen: 3 } }, "for whoever comes now");
  t.end();
});

void t.test("connections that are gone before they are looked at are seen by the kernel's counter", (t) => {
  const ledger = new PortLedger();
  ledger.note([], 5);
  t.match(ledger.note([], 7), { kind: "bypass", numbers: { open: 0, seen: 0, passed: 2 } });
  t.end();
});

void t.test("that it is over is told after two looks without any", (t) => {
  const ledger = new PortLedger();
  ledger.note([], undefined);
  ledger.note(connections(1), undefined);
  t.equal(ledger.note([], undefined), undefined);
  t.same(ledger.note([], undefined), { kind: "over", numbers: { open: 0, seen: 1, passed: undefined } });
  t.equal(ledger.note([], undefined), undefined);
  t.match(ledger.note(connections(9), undefined), { kind: "bypass" }, "and it may begin anew");
  t.end();
});

void t.test("a port that is too busy to look at is judged by the counter alone", (t) => {
  const ledger = new PortLedger();
  t.equal(ledger.note("too-many", 1), undefined);
  t.same(ledger.note(connections(1), 1), { kind: "existing", open: 1 }, "until a whole look succeeds");
  t.equal(ledger.note("too-many", 1), undefined);
  t.match(ledger.note("too-many", 2), { kind: "bypass", numbers: { passed: 1 } });
  t.end();
});

void t.test("what comes while a port is the app's on purpose is no bypass", (t) => {
  const ledger = new PortLedger();
  ledger.note([], 0);
  ledger.rebase();
  t.same(ledger.note(connections(1), 0), { kind: "existing", open: 1 });
  t.match(ledger.note(connections(1, 2), 0), { kind: "bypass", numbers: { open: 1 } });
  t.end();
});
