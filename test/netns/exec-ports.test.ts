import t from "tap";
import { ExecStage, patienceMs } from "../fixtures/exec-stage.ts";
import { eventsOf } from "../fixtures/magpie-command.ts";
import { Proc } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

const stage = await ExecStage.open("ports");
t.teardown(() => stage[Symbol.asyncDispose]());
const ways = ["namespace", "seccomp", "off"] as const;

/** A program that listens at these addresses, and answers with its port. */
function serve(...at: readonly (readonly [port: number, host: string])[]): string {
  return `for (const [port, host] of ${JSON.stringify(at)}) {
    const s = require("node:http").createServer((q, r) => r.end("the desk " + port + "\\n"));
    s.listen(port, host, () => console.log("listening on", s.address().port));
  }`;
}

for (const kind of ways)
  void t.test(
    `${kind}: callers never reach a debugger, or a number that the kernel has chosen`,
    async (t) => {
      const high = kind === "off" ? 8084 : 50_083;
      const script = serve(
        [0, "0.0.0.0"],
        [8080, "127.0.0.1"],
        [8081, "127.0.0.1"],
        [8082, "::1"],
        [8083, "::"],
        // Without a sandbox nobody sees who has chosen a number.
        [high, "0.0.0.0"],
      );
      const command = [process.execPath, "--inspect=127.0.0.1:9329", "-e", script];
      const flags = ["--sandbox", kind, "--steal", "--port", "82:8082", "--output", "json"];
      await using proc = await stage.exec(...flags, "--", ...command);
      for (const [port, by] of [
        [8080, "the desk 8080"],
        [82, "the desk 8082"],
        [8083, "the desk 8083"],
        [high, `the desk ${high}`],
      ] as const)
        await until(async () => (await stage.ask(port)) === by, {
          what: `an answer of ${by}\n${proc.output()}`,
          timeoutMs: patienceMs,
        });
      const told = () =>
        new Map(eventsOf(proc.output(), "port").map(({ program, requests }) => [program, requests]));
      await until(() => told().size === 7, { what: `seven ports\n${proc.output()}`, timeoutMs: patienceMs });
      const chosen = [...told().keys()].find((port) => Number(port) >= 32_768 && port !== high);
      for (const port of [9329, 8081, chosen]) {
        t.equal(told().get(port), null, String(port));
        t.equal(await stage.ask(Number(port)), "curl 7", "nobody listens there");
      }
      const notices = eventsOf(proc.output(), "notice").filter(({ code }) => code === "port-on-loopback");
      const left = notices.map(({ message }) => /^your port (\d+) stays/.exec(String(message))?.[1]);
      t.same(new Set(left), new Set(["8081", "9329"]));
      // Here it is found as ever.
      const version = await fetch("http://127.0.0.1:9329/json/version");
      t.match(await version.json(), { Browser: /^node/ });
    },
  );

void t.test("with --no-incoming only a port that is found under another number is told", async (t) => {
  await using taken = await Proc.start({ command: [process.execPath, "-e", serve([8090, "127.0.0.1"])] });
  await taken.line(/^listening/);
  const script = `${serve([8090, "0.0.0.0"], [8091, "0.0.0.0"], [0, "127.0.0.1"])}; setTimeout(process.exit, 1500, 0)`;
  await using proc = await stage.exec(
    "--sandbox",
    "namespace",
    "--no-incoming",
    "--",
    process.execPath,
    "-e",
    script,
  );
  await proc.exited;
  const told = proc.stderr.filter((line) => /port/.test(line) && !/environment of/.test(line));
  t.equal(told.length, 1, proc.output());
  t.match(told[0], /your port 8090, here at 127\.0\.0\.1:\d+$/);
});
