import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { beginMagpie, eventsOf, runMagpie } from "../fixtures/magpie-command.ts";
import { ReplicaStage } from "../fixtures/replica-stage.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

interface Expected {
  readonly result: string;
  readonly why: string;
  readonly exitCode: number;
  readonly seen: Readonly<Record<string, number>>;
  readonly missing: number | null;
  readonly conditions: readonly { readonly nearMisses: readonly { readonly because: readonly string[] }[] }[];
}

function expectedOf(text: string): Expected {
  return eventsOf(text, "expected")[0] as unknown as Expected; // As documented.
}

void t.test("what is expected of stolen requests holds, does not, or is unsure", async (t) => {
  await using scene = await Scene.create({ label: "expect" });
  const { app, local, client, to, runtimeDirectory, made } = scene;
  const answers = [{ afterBytes: 1, chunks: [answer(200)] }];
  await Promise.all([app.setScript({ answers }), local.setScript({ answers })]);
  const target = ["--target", `netns:${made.pod.name}`];
  const ask = async (path: string, ...fields: readonly string[]): Promise<void> => {
    const connection = await client.open(to);
    await connection.send({ chunks: [message([`GET ${path} HTTP/1.1`, "host: h", ...fields])] });
    await connection.read({ bytes: answer(200).length });
    await connection.close();
  };
  const words = (...args: readonly string[]) => ["expect", ...target, "--output", "json", ...args];
  const expect = async (...args: readonly string[]) => {
    const { code, text } = await runMagpie(runtimeDirectory, words(...args));
    return { code, ...expectedOf(text) };
  };
  const alice = "x-user: alice";

  await t.test("it waits for the session, and no longer than it may", async (t) => {
    const { code, errors, text } = await runMagpie(
      runtimeDirectory,
      words("--stolen", "1", "--wait", "500ms"),
    );
    t.equal(code, 1);
    t.match(errors, /a session on netns:.* did not come within 500 ms/);
    t.match(eventsOf(text, "ended"), [{ code: "no-own-session" }]);
  });

  await using early = await beginMagpie(runtimeDirectory, words("--stolen", ">=2", "--path", "^/api"));
  await early.line(/"waiting"/);
  await using session = await scene.steal("--name", "ann", "--header", `^${alice}$`);

  await t.test("it ends as soon as enough have come", async (t) => {
    for (const path of ["/api/1", "/home", "/api/2"]) await ask(path, alice);
    t.equal((await early.exited).code, 0);
    t.match(expectedOf(early.stdout.join("\n")), { result: "held", why: "settled", missing: 0 });
  });

  await t.test("the past counts since the session began, and not unless it is wanted", async (t) => {
    await ask("/api/3");
    const past = ["--since", "session", "--within", "0s"];
    t.match(await expect("--stolen", "3", "--passed", "1", ...past), {
      code: 0,
      seen: { total: 4, stolen: 3 },
    });
    t.match(await expect("--stolen", ">=1", "--within", "100ms"), { code: 1, seen: { total: 0 } });
    t.match(await expect("--answered-by", "ann 3", "--answered-by", "app 1", "--status", "2xx", ...past), {
      code: 0,
      result: "held",
    });
  });

  await t.test("what did not count is shown with its reason", async (t) => {
    const past = ["--since", "session", "--within", "0s"];
    const missed = await expect("--stolen", ">=9", "--path", "^/api", "--header", alice, ...past);
    t.match(missed, { code: 1, result: "not-held" });
    const reasons = missed.conditions[0]?.nearMisses.map(({ because }) => because.join("; ")) ?? [];
    t.match(reasons.join("\n"), /path\("\^\/api"\): the path was `\/home`/);
    t.match(reasons.join("\n"), /no field matches `x-user: alice`.*it passed to the app/);
  });

  await t.test("values of fields that are told to others only count all the same", async (t) => {
    await ask("/api/4", "x-team: blue");
    const past = ["--since", "session", "--within", "0s"];
    t.match(await expect("--passed", "0", "--header", "x-team: red", ...past), { code: 0 });
    t.match(await expect("--passed", "0", "--header", "x-team: blue", ...past), {
      code: 1,
      result: "not-held",
    });
  });

  await t.test("what must not come is watched all the time, and ends it when it comes", async (t) => {
    await using watching = await beginMagpie(runtimeDirectory, words("--passed", "0", "--within", "20s"));
    await watching.line(/"counted"/);
    await ask("/stolen", alice);
    await ask("/passed");
    t.equal((await watching.exited).code, 1);
    t.match(expectedOf(watching.stdout.join("\n")), { why: "broken", seen: { stolen: 1, passed: 1 } });
    t.match(await expect("--failed", "0", "--within", "20s", "--for", "200ms"), { code: 0 });
  });

  await t.test("a report for CI says the same", async (t) => {
    const report = join(runtimeDirectory.path, "report.xml");
    const args = [
      "--stolen",
      ">=1",
      "--passed",
      "0",
      "--since",
      "session",
      "--within",
      "0s",
      "--junit",
      report,
    ];
    t.match(await expect(...args), { code: 1 });
    const reader =
      "import sys, xml.etree.ElementTree as t; print(*[n.tag for n in t.parse(sys.argv[1]).iter()])";
    const { stdout } = spawnSync("python3", ["-c", reader, report], { encoding: "utf8" });
    t.equal(stdout.trim(), "testsuites testsuite testcase testcase failure system-out");
    t.match(readFileSync(report, "utf8"), /#\w+ GET \/passed → app 200/);
  });

  await t.test("Ctrl-C is no success", async (t) => {
    await using watching = await beginMagpie(runtimeDirectory, words("--failed", "0"));
    await watching.line(/"counted"/);
    watching.signal("SIGINT");
    t.equal((await watching.exited).code, 130);
  });

  await t.test("all that is wrong with a command line is told", async (t) => {
    const { code, errors } = await runMagpie(runtimeDirectory, [
      ...["expect", "--stolen", "many", "--within", "soon", "--junit", "/nowhere/x.xml"],
    ]);
    t.equal(code, 2);
    t.match(errors, /"many" is no count[^]*"soon" is no duration|"soon"[^]*"many"/);
    t.match(errors, /\/nowhere is no directory/);
  });

  await t.test("an agent that is killed leaves unsure what it may have decided", async (t) => {
    await using watching = await beginMagpie(
      runtimeDirectory,
      words("--failed", "0", "--stolen", ">=1", "--within", "4s"),
    );
    await watching.line(/"counted"/);
    await ask("/last", alice);
    await watching.line(/"standing":"certain"/);
    process.kill(session.agentPid, "SIGKILL");
    t.equal((await watching.exited).code, 5);
    const { result, missing } = expectedOf(watching.stdout.join("\n"));
    t.same({ result, missing }, { result: "unsure", missing: null });
  });
});

void t.test("of several members all count together", async (t) => {
  await using on = await ReplicaStage.create("expect");
  await using steal = await on.steal("--header", "x-user: alice");
  t.ok(steal.ready.session);
  const { replicas, runtimeDirectory } = on;
  const count = replicas.all.length;
  const args = ["expect", "--stolen", `>=${count}`, "--within", "20s", "--output", "json"];
  await using watching = await beginMagpie(runtimeDirectory, args);
  await watching.line(/"counted"/);
  for (const replica of replicas.all) await on.ask(replica, "x-user: alice");
  t.equal((await watching.exited).code, 0);
  t.match(expectedOf(watching.stdout.join("\n")), { result: "held", seen: { stolen: count } });
  const { code } = await runMagpie(runtimeDirectory, [
    ...["expect", "--stolen", String(count), "--since", "session", "--within", "0s"],
  ]);
  t.equal(code, 0, "what each of them remembers, too");
});
