import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { RunMark } from "../../../src/client/process/index.ts";

void t.test("processes carry the marks of all runs that they are in", async (t) => {
  const [outer, inner, other] = [new RunMark(), new RunMark(), new RunMark()];
  const outside = outer.addTo([Buffer.from("A=1")]);
  const inside = inner.addTo(outside).map((entry) => Buffer.from(entry).toString());
  t.same(inside, ["A=1", `MAGPIE_RUN=${outer.id},${inner.id}`]);
  const child = spawn("sleep", ["100"], {
    env: inner.variables(outer.variables({ PATH: process.env["PATH"] })),
  });
  await once(child, "spawn");
  const pid = child.pid as number; // a spawned child has one
  t.ok(outer.isOn(pid));
  t.ok(inner.isOn(pid));
  t.notOk(other.isOn(pid));
  child.kill("SIGKILL");
  await once(child, "exit");
  t.notOk(outer.isOn(pid), "gone");
});

void t.test("what was no mark does not become one, and a deep nest keeps the innermost marks", async (t) => {
  const mark = new RunMark();
  t.same(mark.variables({ MAGPIE_RUN: "something,else" }), { MAGPIE_RUN: mark.id });
  let environment: readonly Uint8Array[] = [];
  const marks = Array.from({ length: 40 }, () => new RunMark());
  for (const each of marks) environment = each.addTo(environment);
  t.equal(environment.length, 1);
  const innermost = marks.slice(-16).map(({ id }) => id);
  t.equal(Buffer.from(environment[0] ?? []).toString(), `MAGPIE_RUN=${innermost.join(",")}`);
});
