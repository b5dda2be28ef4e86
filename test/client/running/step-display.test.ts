import { mock } from "node:test";
import t from "tap";
import type { StepReport } from "../../../src/client/running/reporter.ts";
import { StepLines } from "../../../src/client/running/step-display.ts";
import { Steps } from "../../../src/client/running/steps.ts";

const plain = (_style: unknown, text: string): string => text;

/** What a terminal shows in the end: no control but these is ever written. */
function screenOf(writes: readonly string[]): string[] {
  const lines = [""];
  for (const part of writes
    .join("")
    .replaceAll("\u001b[K", "")
    .split(/(\r|\n)/)) {
    if (part === "\n") lines.push("");
    else if (part !== "") lines[lines.length - 1] = part === "\r" ? "" : part;
  }
  return lines;
}

function stage(form: { isDrawable: boolean; columns?: number }) {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  let nowMs = 0;
  const writes: string[] = [];
  const lines = new StepLines({
    write: (text) => writes.push(text),
    form: () => ({ columns: 40, isTerminal: true, ...form }),
    paint: plain,
    nowMs: () => nowMs,
  });
  return {
    lines,
    writes,
    screen: () => screenOf(writes),
    pass: (ms: number): void => {
      for (let left = ms; left > 0; left -= 50) {
        nowMs += 50;
        mock.timers.tick(50);
      }
    },
    [Symbol.dispose]: () => mock.timers.reset(),
  };
}

const began: StepReport = { step: 1, state: "began", text: "starting the agent" };
const done: StepReport = { step: 1, state: "done", text: "agent started", ms: 1_200 };

void t.test("a step that is done within 300 ms is not seen at all", (t) => {
  for (const isDrawable of [true, false]) {
    using at = stage({ isDrawable });
    at.lines.step(began);
    at.pass(250);
    at.lines.step({ ...done, ms: 250 });
    at.pass(10_000);
    t.same(at.writes, []);
  }
  t.end();
});

void t.test("one that takes longer is drawn in place, and one line remains of it", (t) => {
  using at = stage({ isDrawable: true });
  at.lines.step(began);
  at.pass(700);
  t.match(at.screen(), [/^magpie {2}[⠀-⣿] starting the agent 0\.\d s$/]);
  t.ok(at.writes.length >= 4, "it moves");
  at.pass(500);
  at.lines.step(done);
  t.same(at.screen(), ["magpie  ✓ agent started 1.2 s", ""]);
  const written = at.writes.length;
  at.pass(1_000);
  t.equal(at.writes.length, written, "nothing is drawn any more");
  t.end();
});

void t.test("a line of the reporter stands above what is drawn, and nothing is lost of it", (t) => {
  using at = stage({ isDrawable: true });
  at.lines.step(began);
  at.pass(400);
  at.lines.writeLine("magpie  a notice");
  t.match(at.screen(), ["magpie  a notice", /starting the agent 0\.4 s$/]);
  at.lines.step({ ...done, state: "failed", text: "starting the agent" });
  t.same(at.screen(), ["magpie  a notice", "magpie  ✗ starting the agent 1.2 s", ""]);
  t.end();
});

void t.test("no line is as wide as the terminal, however narrow it is", (t) => {
  for (const columns of [12, 20, 30]) {
    using at = stage({ isDrawable: true, columns });
    at.lines.step({ ...began, text: "waiting for container magpie-x7k2p of pod web-0" });
    at.pass(600);
    t.ok((at.screen()[0] ?? "").length < columns, `${columns}: ${at.screen()[0]}`);
  }
  t.end();
});

void t.test("where nothing can be drawn there are whole lines, without a control", (t) => {
  using at = stage({ isDrawable: false });
  at.lines.step(began);
  at.pass(1_200);
  at.lines.step(done);
  at.lines.step({ ...began, step: 2, text: "pulling" });
  at.pass(6_000);
  t.same(at.writes, ["magpie  ✓ agent started 1.2 s\n", "magpie  pulling … 5 s so far\n"]);
  t.end();
});

void t.test("nothing is drawn once a program has the terminal, too", (t) => {
  using at = stage({ isDrawable: true });
  at.lines.step(began);
  at.pass(400);
  at.lines.calm();
  at.lines.step({ ...began, step: 2 });
  at.pass(3_000);
  t.same(at.screen(), [""]);
  t.end();
});

void t.test("several at once are one line", (t) => {
  using at = stage({ isDrawable: true, columns: 80 });
  at.lines.step({ ...began, member: "web-a" });
  at.lines.step({ ...began, step: 2, member: "web-b" });
  at.pass(500);
  t.match(at.screen(), [/web-a: starting the agent \(and 1 more\) 0\.5 s$/]);
  t.end();
});

void t.test("steps follow one another: the next ends the former, disposal fails the last", (t) => {
  const told: StepReport[] = [];
  {
    using steps = new Steps({ step: (report) => told.push(report) });
    steps.next("joining");
    steps.next("opening the tunnel", "agent started");
    steps.done();
    steps.next("asking for port 80");
  }
  t.match(told, [
    { state: "began", text: "joining" },
    { state: "done", text: "agent started", ms: Number },
    { state: "began", text: "opening the tunnel" },
    { state: "done", text: "opening the tunnel" },
    { state: "began", text: "asking for port 80" },
    { state: "failed", text: "asking for port 80" },
  ]);
  t.end();
});
