import t from "tap";
import { HttpApp } from "../../fixtures/http-app.ts";
import { MagpieSteal, RuntimeDirectory } from "../../fixtures/magpie-steal.ts";
import { createNamespaces } from "../../fixtures/namespaces.ts";
import { isAlive } from "../../fixtures/proc.ts";
import { freePort, LocalApp } from "../incoming/local-app.ts";

const mine = ["--header", "x-user: alice"] as const;

// One pod with an app on port 80 for all tests, and one other host: making them costs more than most tests.
const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const { pod, client } = stage.use(await createNamespaces({ label: "steal" }));
stage.use(await HttpApp.start({ name: "original", namespace: pod, port: 80 }));

async function steal(...args: string[]): Promise<MagpieSteal> {
  return await MagpieSteal.start({ pod, runtimeDirectory, args, timeoutMs: 30_000 });
}

/** Who answered, or curl's exit code. */
async function ask(path: string, ...flags: string[]): Promise<string> {
  const url = `http://${pod.address4}${path}`;
  const format = ["-sS", "-o", "/dev/null", "-w", "%header{x-served-by}"] as const;
  const { code, stdout } = await client.run("curl", ...format, ...flags, url);
  return code === 0 ? stdout : `curl ${code}`;
}

const alice = ["-H", "X-User: alice"];

void t.test(
  "the program has what is stolen for it, and ends the session with its own exit code",
  async (t) => {
    const port = await freePort();
    const script = `require("node:http").createServer((request, response) => {
    response.setHeader("x-served-by", "program").end();
    if (request.url === "/exit") setTimeout(() => process.exit(7), 100);
  }).listen(${port}, "127.0.0.1")`;
    await using session = await steal("--port", `80:${port}`, ...mine, "--", process.execPath, "-e", script);
    await session.event("local", { fits: (event) => event["state"] === "up" && event["name"] === "node" });
    t.equal(await ask("/", ...alice), "program");
    t.equal(await ask("/"), "original");
    t.equal(await ask("/exit", ...alice), "program");
    t.equal((await session.proc.exited).code, 7);
    t.match(await session.event("ended"), { code: "program-ended" });
    t.equal(await ask("/", ...alice), "original");
    await session.agentGone();
  },
);

void t.test("once the program is known, a stranger's process on its port gets nothing", async (t) => {
  await using stranger = await LocalApp.start();
  await using session = await steal("--port", `80:${stranger.port}`, ...mine, "--trace", "--", "sleep", "60");
  t.equal(await ask("/", ...alice), "original");
  t.match(await session.event("local", { fits: (event) => event["state"] === "stranger" }), {
    name: "node",
    pid: process.pid,
    port: stranger.port,
  });
  const [decision] = await session.decided(({ failure }) => failure !== null);
  t.match(decision?.failure, /local-stranger/);
  t.equal(stranger.peers.length, 0);
  session.proc.signal("SIGTERM");
  t.equal((await session.proc.exited).code, 128 + 15, "the program got the signal");
});

void t.test("nothing listening is said before and during the session, and the app answers", async (t) => {
  const port = await freePort();
  await using session = await steal("--port", `80:${port}`, ...mine);
  t.match(await session.event("local"), { state: "down", port });
  t.equal(await ask("/", ...alice), "original");
  await using local = await HttpApp.start({ name: "local", host: "127.0.0.1", port });
  t.match(await session.event("local", { fits: (event) => event["state"] === "up" }), {
    pid: local.proc.pid,
  });
  t.equal(await ask("/", ...alice), "local");
});

void t.test("a killed agent ends the session with 1 and says that the app answers", async (t) => {
  await using session = await steal("--port", `80:${await freePort()}`, ...mine);
  process.kill(session.agentPid, "SIGKILL");
  t.equal((await session.proc.exited).code, 1);
  t.match(await session.event("ended"), {
    code: "session-lost",
    message: /is gone; its rules went with it; the app answers everything/,
  });
  t.equal(await ask("/", ...alice), "original");
});

void t.test(
  "a second session joins the same agent; one that takes everything too is refused by name",
  async (t) => {
    await using first = await steal("--port", "80:8080", "--name", "bob@laptop");
    await using second = await steal("--port", "81:8080");
    t.equal(second.agentPid, first.agentPid);
    const args = ["--port", "80:8081"];
    await using third = await MagpieSteal.begin({ pod, runtimeDirectory, args });
    t.equal((await third.proc.exited).code, 1);
    t.match(await third.event("ended"), { code: "subscribe-refused", message: /port 80 .*bob@laptop/ });
    await first.end();
    t.ok(isAlive(second.agentPid), "the agent stays for the other session");
    await second.end();
    await second.agentGone();
  },
);

void t.test("Ctrl-C gives the ports back at once and lets exchanges under way finish", async (t) => {
  await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
  await using session = await steal("--port", `80:${local.port}`, ...mine);
  const slow = ask("/slow/1500", ...alice);
  await new Promise((resolve) => setTimeout(resolve, 700));
  session.proc.signal("SIGINT");
  t.match(await session.event("leaving"), { underWay: 1 });
  t.equal(await ask("/", ...alice), "original");
  t.equal(await slow, "local");
  t.equal((await session.proc.exited).code, 0);
  t.match(await session.event("ended"), { code: "left" });
});

void t.test("Ctrl-C twice ends at once", async (t) => {
  await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
  await using session = await steal("--port", `80:${local.port}`, ...mine);
  const slow = ask("/slow/20000", ...alice);
  await new Promise((resolve) => setTimeout(resolve, 700));
  session.proc.signal("SIGINT");
  await session.event("leaving");
  await new Promise((resolve) => setTimeout(resolve, 300)); // sooner, it would count as the same key
  session.proc.signal("SIGINT");
  t.equal((await session.proc.exited).code, 130);
  t.not(await slow, "local");
});

void t.test("a raw TCP connection is stolen whole by an unfiltered session", async (t) => {
  await using local = await LocalApp.start();
  await using session = await steal("--port", `5432:${local.port}`);
  t.equal(session.ready.backend === "", false);
  const script = `const s = require("node:net").connect(5432, "${pod.address4}", () => s.end("ask me\\n"));
    s.on("data", (d) => process.stdout.write(d)).on("end", () => process.stdout.write("|end"));`;
  await using caller = await client.spawn([process.execPath, "-e", script]);
  const peer = await local.next();
  await peer.until(({ ended }) => ended === "fin");
  t.equal(peer.text, "ask me\n");
  peer.socket.end("answer");
  await caller.exited;
  t.equal(caller.stdout.join(""), "answer|end");
});
