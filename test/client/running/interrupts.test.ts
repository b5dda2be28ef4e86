import { EventEmitter } from "node:events";
import t from "tap";
import { Interrupts } from "../../../src/client/running/interrupts.ts";

void t.test("the first signal asks to end gracefully, the second at once", (t) => {
  const source = new EventEmitter();
  let nowMs = 0;
  using interrupts = new Interrupts({ source, now: () => nowMs });
  source.emit("SIGTERM", "SIGTERM");
  t.equal(interrupts.graceful.reason, "SIGTERM");
  nowMs = 1_000;
  t.notOk(interrupts.atOnce.aborted);
  source.emit("SIGINT", "SIGINT");
  t.equal(interrupts.atOnce.reason, "SIGINT");
  t.end();
});

void t.test("one key that arrives twice, by the terminal and by npx, is one wish", (t) => {
  const source = new EventEmitter();
  let nowMs = 0;
  using interrupts = new Interrupts({ source, now: () => nowMs });
  source.emit("SIGINT", "SIGINT");
  nowMs = 50;
  source.emit("SIGINT", "SIGINT");
  t.ok(interrupts.graceful.aborted);
  t.notOk(interrupts.atOnce.aborted);
  t.end();
});

void t.test("after its disposal signals mean again what they mean", (t) => {
  const source = new EventEmitter();
  const interrupts = new Interrupts({ source });
  interrupts[Symbol.dispose]();
  t.equal(source.listenerCount("SIGINT"), 0);
  t.end();
});
