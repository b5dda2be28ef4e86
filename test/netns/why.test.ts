import t from "tap";
import { beginMagpie, eventsOf, runMagpie } from "../fixtures/magpie-command.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

void t.test("who got a request, and why", async (t) => {
  await using scene = await Scene.create({ label: "why" });
  const { app, local, client, to, runtimeDirectory } = scene;
  const script = { answers: [{ afterBytes: 1, chunks: [answer(200)] }] };
  await Promise.all([app.setScript(script), local.setScript(script)]);
  await using blue = await scene.steal(
    ...["--name", "ann", "--filter", 'header(x-tenant) =~ "^blue$" and method == GET', "--served-by"],
  );
  await using bob = await scene.steal("--name", "bob", "--header", "^x-user: bob$");
  const [ann, other] = [blue.ready.session, bob.ready.session];
  const target = ["--target", `netns:${scene.made.pod.name}`];
  const why = (...args: readonly string[]) => runMagpie(runtimeDirectory, ["why", ...args]);
  const told = async (...args: readonly string[]) =>
    eventsOf((await why(...target, "--output", "json", ...args)).text, "decision");
  /** Gives the answer's head and body. */
  const ask = async (...lines: readonly string[]): Promise<string> => {
    const connection = await client.open(to);
    await connection.send({ chunks: [message(lines)] });
    const { bytes } = await connection.read({ bytes: answer(200).length });
    await connection.close();
    return Buffer.from(bytes).toString("latin1");
  };

  const { text: atFirst } = await why(...target);
  t.match(atFirst, /no request has been decided yet/);
  t.match(atFirst, new RegExp(`one session at a time: add --session ${ann} or ${other}\n`));
  const green = ["x-tenant: green-1", "x-user: carl-1", "cookie: c00kie"];
  const answers = [
    await ask("GET /passed?token=t0ken HTTP/1.1", "host: h", ...green),
    await ask("GET /stolen HTTP/1.1", "host: h", "x-tenant: blue", "cookie: c00kie"),
    await ask("POST /bob HTTP/1.1", "host: h", "x-user: bob", "content-length: 0"),
    await ask("GET /healthz HTTP/1.1", "host: h", "user-agent: kube-probe/1.36"),
  ];
  await t.test("callers are told who served them only where a session wants it", async (t) => {
    t.same(
      answers.map((head) => /magpie-served-by: (.*)\r/.exec(head)?.[1]),
      [undefined, `${ann} (ann)`, undefined, undefined],
    );
  });

  await t.test("anybody sees who got what, and no value of a field", async (t) => {
    const decisions = await told();
    t.match(decisions, [
      { method: "GET", target: "/passed?token=(masked)", verdict: "original", session: null, status: 200 },
      { target: "/stolen", verdict: "stolen", session: ann, sessionName: "ann", subscription: null },
      { method: "POST", target: "/bob", verdict: "stolen", session: other, sessionName: "bob" },
      { target: "/healthz", verdict: "original" },
    ]);
    t.notMatch(JSON.stringify(decisions), /green-1|carl-1|c00kie|t0ken|kube-probe/);
    for (const { seq, bytesIn, bytesOut, durationMs } of decisions)
      t.ok(
        Number(bytesIn) > 20 && Number(bytesOut) > 20 && Number(durationMs) > 0,
        `${String(seq)} has its numbers`,
      );
  });

  await t.test("in plain words, clause by clause", async (t) => {
    const { text, code } = await why(...target, "--session", ann, "--path", "^/passed");
    t.equal(code, 0);
    const lines = text.split("\n");
    t.match(
      lines[0],
      /^\d\d:\d\d:\d\d\.\d{3} #\w+ GET \/passed\?token=\(masked\) → original 200 \d+\.\d ms$/,
    );
    t.match(
      text,
      new RegExp(
        `passed to the original: .*\`x-tenant\` was \`green-1\`, the filter of session ${ann} \\(ann, revision 1\\) wants \`\\^blue\\$\``,
      ),
    );
    t.match(text, /✗ header\(x-tenant\) =~ "\^blue\$" {2}`x-tenant` was `green-1`/);
    t.match(text, /✓ method == GET {2}the method was `GET`/);
    t.match(text, /`x-user` was something else/, "a value that only the other session's filter names");
    t.notMatch(text, /carl-1|c00kie|t0ken/);
  });

  await t.test(
    "the session that had a request sees all of it, secrets only when it asks for them",
    async (t) => {
      const whole = ["--path", "^/stolen", "--whole-head"];
      t.match((await told(...whole, "--session", ann))[0], {
        head: [
          ["host", "h"],
          ["x-tenant", "blue"],
          ["cookie", "(masked)"],
        ],
        subscription: 1,
      });
      t.match((await told(...whole, "--session", ann, "--show-secrets"))[0], {
        head: [[], [], ["cookie", "c00kie"]],
      });
      t.equal((await told(...whole, "--session", other, "--show-secrets"))[0]?.["head"], null);
      const nobody = await why(...target, ...whole);
      t.equal(nobody.code, 2);
      t.match(nobody.errors, /only who has had a request may see its whole head/);
    },
  );

  await t.test("one request is asked for by its number, and what is not there is said", async (t) => {
    const [first] = await told("--path", "^/bob");
    const requestId = String(first?.["requestId"]);
    t.match(await told(requestId), [{ requestId, target: "/bob" }]);
    t.equal((await told(`#${requestId}`)).length, 1, "as it is shown");
    for (const unknown of ["zzzz"]) {
      const { code, errors } = await why(unknown, ...target);
      t.equal(code, 1);
      t.match(errors, /is not remembered[^]*The agent remembers 4 decisions, since/);
    }
  });

  await t.test("--last, and a bad pattern", async (t) => {
    t.match(await told("--last", "2"), [{ target: "/bob" }, { target: "/healthz" }]);
    const bad = await why(...target, "--path", "(");
    t.equal(bad.code, 2);
    t.match(bad.errors, /group|\(/);
  });

  await t.test("--follow tells what ends from now on", async (t) => {
    await using follower = await beginMagpie(runtimeDirectory, ["why", "--follow", "--last", "1", ...target]);
    await follower.line(/\/healthz/);
    await ask("GET /later HTTP/1.1", "host: h");
    await follower.line(/#\w+ GET \/later → original 200/);
    follower.signal("SIGINT");
    t.equal((await follower.exited).code, 0);
  });

  await t.test(
    "a draft is tried on what was seen: matches, near misses, overlaps and refusals",
    async (t) => {
      const tried = async (...args: readonly string[]) =>
        eventsOf(
          (await runMagpie(runtimeDirectory, ["filter", "try", ...target, "--output", "json", ...args])).text,
          "filter-tried",
        );
      t.match(await tried("method == GET and header(x-tenant) == blue", "--session", other), [
        {
          ...{ considered: 5, matched: 1, isCut: false, examples: [{ target: "/stolen", session: ann }] },
          ...{ nearMissCount: 3, refusals: [] },
          overlaps: [{ session: ann, name: "ann", both: 1, isDraftFirst: true }],
        },
      ]);
      const near = (await tried("method == GET and header(x-tenant) == blue", "--session", other))[0];
      t.match(JSON.stringify(near), /`x-tenant` was `green-1`, wanted `blue`/, "of what the draft names");
      t.notMatch(
        JSON.stringify(await tried("method == GET and header(x-tenant) == blue")),
        /green-1/,
        "anybody",
      );
      t.match(await tried('header("^x-user: bob$")', "--session", ann), [
        { refusals: [{ port: 80, code: "same-filter", message: /held by session \w+ \(bob\)/ }] },
      ]);
      const { text } = await runMagpie(runtimeDirectory, [
        "filter",
        "try",
        'path ^= "/none" and method == GET',
        ...target,
      ]);
      t.match(text, /it would have matched 0 of the latest 5 requests/);
      t.match(text, /4 near misses[^]*✗ path \^= "\/none"/);
    },
  );
});
