import t from "tap";
import { runMagpie } from "../fixtures/magpie-command.ts";
import { ScreenUser } from "../fixtures/screen-user.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const restored = { alternate: false, cursor: true, wraps: true };

void t.test("requests are watched live in a terminal", async (t) => {
  await using scene = await Scene.create({ label: "watch" });
  const { app, local, client, to, runtimeDirectory, made } = scene;
  const answers = [{ afterBytes: 1, chunks: [answer(200)] }];
  await Promise.all([app.setScript({ answers }), local.setScript({ answers })]);
  const target = ["--target", `netns:${made.pod.name}`];
  const ask = async (path: string, ...fields: readonly string[]): Promise<void> => {
    const connection = await client.open(to);
    await connection.send({ chunks: [message([`GET ${path} HTTP/1.1`, "host: shop", ...fields])] });
    await connection.read({ bytes: answer(200).length });
    await connection.close();
  };
  const watch = (options: Partial<Parameters<typeof ScreenUser.start>[0]> = {}) =>
    ScreenUser.start({ runtimeDirectory, args: ["watch", ...target], ...options });
  const alice = "x-user: alice";

  await t.test("without a terminal it says what to use instead", async (t) => {
    const { code, errors } = await runMagpie(runtimeDirectory, ["watch", ...target]);
    t.equal(code, 2);
    t.match(errors, /no terminal[^]*magpie why --follow/);
  });

  await using early = await watch();
  await early.until("not connected, trying again: nobody uses");
  await using session = await scene.steal("--name", "ann", "--header", `^${alice}$`);

  await t.test("it waits for a session, and shows what comes as it comes", async (t) => {
    await early.until("  live  ");
    await ask("/stolen", alice);
    await ask("/passed");
    await early.until("GET +200 ann .* /stolen$");
    await early.until("^>.*GET +200 app .* /passed$");
    t.match(await early.shown(), { alternate: true, cursor: false, wraps: false, strange: [] });
  });

  await t.test("a request is opened, copied as curl, and left again", async (t) => {
    await early.type("k\r");
    await early.until("✓ session \\w+ \\(ann.*x-user: alice");
    await early.until("^    x-user: alice");
    await early.type("c");
    await early.until("clipboard");
    t.equal((await early.shown()).clipboard, "curl http://shop/stolen -H 'x-user: alice'");
    await early.type("\x1b");
    await early.until("live, not following");
    await early.type("G");
  });

  await t.test("a filter is typed, wrong on the way, and loses no row", async (t) => {
    await early.type('/path ^= "/st');
    await early.until("unterminated|not closed|ends");
    await early.until("/passed$");
    await early.type('"');
    await early.gone("/passed$");
    await early.type("\r");
    await ask("/stop");
    await early.until("/stop$");
    await early.type("/\x15\r");
    await early.until("/passed$");
    t.match(await early.shown(), { strange: [], cursor: false });
  });

  await t.test("what requests say cannot reach the terminal", async (t) => {
    await ask("/%1b[2J/%c2%9b2J/end", "x-user: \u009b2J");
    await early.until("/end$");
    t.match(await early.shown(), { strange: [], alternate: true });
  });

  await t.test("it fits 40 columns and 200, as the window is changed", async (t) => {
    await early.resize(40, 12);
    await early.until("^ AT +METHOD +ST +PATH$");
    t.ok((await early.shown()).lines.every((line) => Array.from(line).length <= 40));
    await early.resize(200, 30);
    await early.until("BECAUSE$");
    await early.resize(10, 3);
    await early.until("too small");
    await early.resize(100, 24);
    await early.until("ANSWERED BY");
  });

  await t.test("an agent that is killed is told, and one that comes is joined", async (t) => {
    process.kill(session.agentPid, "SIGKILL");
    await early.until("not connected, trying again");
    await session.proc.exited;
    await using again = await scene.steal("--name", "日本 bob", "--header", `^${alice}$`);
    await early.until("  live  ");
    t.ok(again.ready.session);
    await ask("/again", alice);
    await early.until("日本 bob .* /again$");
    await early.until("/passed$");
    t.match(await early.shown(), { strange: [] });
  });

  await using session2 = await scene.steal("--name", "cal", "--header", `^${alice}$`);
  t.ok(session2.ready.session);

  await t.test("q, Esc and Ctrl-C give the terminal back, and so do signals", async (t) => {
    const ends: readonly (readonly [string, (user: ScreenUser) => Promise<void>])[] = [
      ["q", (user) => user.type("q")],
      ["Esc", (user) => user.type("\x1b")],
      ["Ctrl-C", (user) => user.type("\x03")],
      ["SIGTERM", (user) => user.signal("SIGTERM")],
      ["SIGINT", (user) => user.signal("SIGINT")],
    ];
    await early.type("q");
    t.same(await early.ended(), { code: 0, same: true });
    for (const [name, end] of ends) {
      await using user = await watch();
      await user.until("  live  ");
      await end(user);
      t.same(await user.ended(), { code: 0, same: true }, name);
      t.match(await user.shown(), restored, name);
    }
  });

  await t.test("a terminal that is closed ends it", async (t) => {
    await using user = await watch();
    await user.until("  live  ");
    await user.hangUp();
    // Of the hang-up that the kernel tells once more when it is about to end.
    const { code } = await user.ended();
    t.ok(code === 0 || code === -1, `code ${code}`);
  });

  await t.test("Ctrl-Z suspends it, and the shell brings it back", async (t) => {
    await using user = await watch({
      wrapper: [
        "bash",
        "--norc",
        "-i",
        "-c",
        'PS1="in""> "; set -m; "$@"; echo stop""ped; fg >/dev/null; echo o""ver',
        "bash",
      ],
    });
    await user.until("  live  ");
    await user.type("\x1a");
    // The shell goes on with it at once.
    await user.until("  live  ");
    await user.type("q");
    const { same } = await user.ended();
    t.ok(same);
    const shown = await user.shown();
    t.match(shown, restored);
    t.match(shown.lines.join("\n"), /stopped[^]*over/);
  });

  await t.test("with NO_COLOR the selected request is still to be seen", async (t) => {
    await ask("/plain");
    await using user = await watch({ env: { NO_COLOR: "1" } });
    await user.until("^>.*/");
    await user.type("q");
    t.match(await user.ended(), { code: 0 });
  });
});
