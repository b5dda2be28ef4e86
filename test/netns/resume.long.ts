import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import t, { type Test } from "tap";
import { fetchTicket } from "../../src/agent/session/index.ts";
import { connectToAgent, resumeAtAgent } from "../../src/client/session/agent-connection.ts";
import { ResumableCarrier } from "../../src/tunnel/index.ts";
import { CarrierCut } from "../fixtures/carrier-cut.ts";
import { insideOf } from "../fixtures/inside-of.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { eventsOf, runMagpie } from "../fixtures/magpie-command.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { isAlive, Proc } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";
import { WebSocketCaller } from "../fixtures/websocket-client.ts";
import { WebSocketApp } from "../fixtures/websocket-server.ts";

// Most of the time is spent waiting for networks that are away.
t.jobs = 4;

const uploadBytes = 100 * 1024 * 1024;
const match = "x-tenant: blue";

/** A developer's server: gives every body back as it comes, and says what it hashed to; `/hold` is never answered. */
async function startEcho(t: Test) {
  const seen = { bytes: 0, sha256: "", held: 0 };
  const server = createServer((request, response) => {
    const hash = createHash("sha256");
    request.on("data", (chunk: Buffer) => {
      seen.bytes += chunk.length;
      hash.update(chunk);
    });
    request.on("end", () => (seen.sha256 = hash.digest("hex")));
    request.on("error", () => undefined);
    response.setHeader("x-served-by", "local");
    if (request.url === "/hold") seen.held += 1;
    else request.pipe(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, port: (server.address() as AddressInfo).port };
}

interface LogLine {
  readonly msg: string;
  readonly session?: string;
}

/** A pod with an app on port 80, a developer's echoing server, and a way to cut what is between agent and client. */
async function createStage(t: Test, label: string) {
  const stack = new AsyncDisposableStack();
  t.teardown(() => stack.disposeAsync());
  const runtimeDirectory = stack.use(await RuntimeDirectory.create());
  const made = stack.use(await createNamespaces({ label }));
  stack.use(await HttpApp.start({ name: "app", namespace: made.pod, port: 80 }));
  const local = await startEcho(t);
  const { pod, client } = made;
  const agentDirectory = join(runtimeDirectory.path, String(statSync(`/run/netns/${pod.name}`).ino));
  const url = `http://${pod.address4}/`;
  return {
    stack,
    agentDirectory,
    made,
    local,
    url,
    steal: async (...args: string[]) => {
      const filter = args.includes("--unfiltered") ? [] : ["--header", `^${match}$`];
      const all = [
        "--port",
        `80:${local.port}`,
        ...filter,
        ...args.filter((word) => word !== "--unfiltered"),
      ];
      return stack.use(await MagpieSteal.start({ pod, runtimeDirectory, args: all }));
    },
    cut: (steal: MagpieSteal, isReset: boolean) =>
      CarrierCut.make({ pod, port: steal.ready.agentPort, isReset }),
    /** A matching request; resolves with who answered it and how. */
    ask: async (path = "", ...flags: string[]): Promise<string> => {
      const format = [
        "-sS",
        "-m",
        "40",
        "-o",
        "/dev/null",
        "-w",
        "%header{x-served-by} %{http_code}",
      ] as const;
      const proc = await Proc.start({
        command: ["curl", ...format, "-H", match, ...flags, `${url}${path}`],
        namespace: client.name,
      });
      await proc.exited;
      return proc.output().trim();
    },
    /** As `magpie sessions --output json` lists them. */
    sessions: async (): Promise<unknown> => {
      const args = ["sessions", "--target", `netns:${pod.name}`, "--output", "json"];
      return eventsOf((await runMagpie(runtimeDirectory, args)).text, "sessions")[0]?.["sessions"];
    },
    /** What the agent has logged. */
    log: (): LogLine[] =>
      readFileSync(join(agentDirectory, "agent.log"), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as LogLine), // As pino writes it.
  };
}

function connection(state: string) {
  return { fits: (event: Record<string, unknown>) => event["state"] === state };
}

void t.test(
  "the carrier is cut for 10 s amid a 100 MB upload and a WebSocket: no byte is lost or repeated",
  { buffered: true, timeout: 110_000 },
  async (t) => {
    const stage = await createStage(t, "resume");
    const { made, local, stack, url, ask } = stage;
    const chat = stack.use(await WebSocketApp.start({ name: "local", version: "http1", host: "127.0.0.1" }));
    const steal = await stage.steal("--port", `8080:${chat.port}`);
    const caller = stack.use(await WebSocketCaller.start({ namespace: made.client, version: "http1" }));
    const address = `${made.pod.address4}:8080`;
    await caller.open({ address, path: "/chat", headers: { "x-tenant": "blue" } });
    t.equal(await caller.message("/chat"), "local");
    const said: string[] = [];
    const say = async (count: number) => {
      for (let number = 0; number < count; number++) {
        said.push(`${said.length} ${"x".repeat(said.length * 7)}`);
        await caller.send("/chat", said.at(-1) ?? "");
      }
    };
    const body = randomBytes(1024 * 1024);
    const upload = await Proc.start({
      command: ["sh", "-c", `curl -sS -m 50 --limit-rate 50M -T - -H '${match}' ${url} | sha256sum`],
      namespace: made.client.name,
    });
    stack.use(upload);
    const hash = createHash("sha256");
    for (let at = 0; at < uploadBytes; at += body.length) {
      body.writeUInt32BE(at, 0);
      hash.update(body);
      upload.child.stdin?.write(Buffer.from(body));
    }
    upload.child.stdin?.end();
    await until(() => local.seen.bytes > uploadBytes / 5, { what: "a fifth of the upload" });
    await say(50);

    const cut = await stage.cut(steal, true);
    t.match(await steal.event("connection", connection("lost")), { graceMs: 30_000 });
    const cutMs = performance.now();
    await say(50);
    const asked = ask("", "-d", "asked while it was cut");
    await delay(1_000);
    const { bytes } = local.seen;
    t.ok(bytes < uploadBytes, `${bytes} bytes were there when it was cut`);
    await delay(10_000 - (performance.now() - cutMs));
    t.equal(local.seen.bytes, bytes, "nothing passed meanwhile");
    await cut[Symbol.asyncDispose]();

    const { afterMs } = await steal.event("connection", connection("resumed"));
    t.ok(Number(afterMs) >= 9_900 && Number(afterMs) < 15_000, `it was back after ${String(afterMs)} ms`);
    t.equal(await asked, "local 200", "who asked meanwhile is answered now");
    await say(50);
    for (const message of said) {
      const echoed = await caller.message("/chat");
      if (echoed !== message) t.equal(echoed, message);
    }
    await upload.exited;
    const sha256 = hash.digest("hex");
    t.equal(local.seen.sha256, sha256, "what was uploaded is whole");
    t.match(upload.output(), sha256, "and so is what came back");
    await steal.end();
    t.equal((await steal.proc.exited).code, 0);
  },
);

void t.test(
  "a network that is silently away is noticed within 15 s on both ends, and nothing is lost",
  { buffered: true, timeout: 110_000 },
  async (t) => {
    const stage = await createStage(t, "silent");
    const steal = await stage.steal();
    t.equal(await stage.ask(), "local 200");
    const cut = await stage.cut(steal, false);
    const cutMs = Date.now();
    const asked = stage.ask("", "-d", "asked while it was away");
    await Promise.all([
      steal.event("connection", connection("lost")),
      until(() => stage.log().some(({ msg }) => msg === "carrier lost"), {
        what: "the agent to notice",
        timeoutMs: 20_000,
      }),
    ]);
    t.ok(Date.now() - cutMs < 15_000, `both ends have noticed after ${Date.now() - cutMs} ms`);
    await cut[Symbol.asyncDispose]();
    await steal.event("connection", connection("resumed"));
    t.equal(await asked, "local 200");
    t.equal(steal.ready.session.length > 0 && (await stage.ask()), "local 200");
  },
);

void t.test(
  "a client that was stopped for longer than it is listened for goes on when it is continued",
  { buffered: true, timeout: 110_000 },
  async (t) => {
    const stage = await createStage(t, "stopped");
    const steal = await stage.steal();
    steal.proc.pause();
    const asked = stage.ask("", "-d", "asked while it was stopped");
    await until(() => stage.log().some(({ msg }) => msg === "carrier lost"), {
      what: "the agent to notice",
      timeoutMs: 20_000,
    });
    t.match(await stage.sessions(), [{ id: steal.ready.session, awaySince: Number }]);
    steal.proc.resume();
    t.equal(await asked, "local 200");
    t.match(await stage.sessions(), [{ id: steal.ready.session, awaySince: null }]);
    await steal.event("connection", connection("resumed"));
    t.equal(await stage.ask(), "local 200");
  },
);

void t.test("what does not come back in time", { buffered: true, timeout: 110_000 }, async (t) => {
  await t.test("releases its ports; the app answers what was not delivered, the rest is 502", async (t) => {
    const stage = await createStage(t, "over");
    const steal = await stage.steal("--grace", "2s");
    const delivered = stage.ask("hold", "-d", "x");
    await until(() => stage.local.seen.held === 1, { what: "a request to be delivered" });
    await using _ = await stage.cut(steal, true);
    t.match(await steal.event("connection", connection("lost")), { graceMs: 2_000 });
    const waiting = [stage.ask(), stage.ask("", "-d", "kept in the agent")];
    t.equal(await delivered, "502");
    t.same(await Promise.all(waiting), ["app 200", "app 200"]);
    t.match(await steal.event("ended"), { code: "session-lost", message: /did not come back within 2 s/ });
    t.equal((await steal.proc.exited).code, 1);
    t.equal(await stage.ask(), "app 200", "the ports are released");
    await steal.agentGone();
  });

  await t.test("starts over with --on-lost rejoin, with a new session or a new agent", async (t) => {
    const stage = await createStage(t, "over2");
    const steal = await stage.steal("--grace", "500ms", "--on-lost", "rejoin");
    const first = steal.ready;
    const cut = await stage.cut(steal, true);
    await steal.event("connection", connection("given-up"));
    await cut[Symbol.asyncDispose]();
    await steal.event("connection", connection("rejoined"));
    t.not(steal.ready.session, first.session);
    t.equal(await stage.ask(), "local 200");
    const { agentPid } = steal;
    process.kill(agentPid, "SIGKILL");
    await until(() => steal.agentPid !== agentPid, { what: "another agent", timeoutMs: 20_000 });
    await until(async () => (await stage.ask()) === "local 200", { what: "it to steal again" });
    steal.proc.signal("SIGINT");
    t.equal((await steal.proc.exited).code, 0);
    t.match(await steal.event("ended"), { code: "left" });
  });

  await t.test("is not waited for when its process is gone", async (t) => {
    const stage = await createStage(t, "gone");
    const steal = await stage.steal();
    await using _ = await stage.cut(steal, true);
    await steal.event("connection", connection("lost"));
    const asked = stage.ask();
    await steal.proc.kill();
    const deadMs = performance.now();
    t.equal(await asked, "app 200");
    t.ok(performance.now() - deadMs < 2_000, `after ${(performance.now() - deadMs).toFixed()} ms`);
    await until(() => !isAlive(steal.agentPid), { what: "the agent to end" });
  });
});

void t.test(
  "nobody takes a session over by its id, another's key, or wrong counts",
  { buffered: true, timeout: 110_000 },
  async (t) => {
    const stage = await createStage(t, "thief");
    const steal = await stage.steal();
    const netnsPath = `/run/netns/${stage.made.pod.name}`;
    const ticket = async () =>
      // What `magpie-agent ticket` prints.
      JSON.parse((await fetchTicket(stage.agentDirectory)) ?? "{}") as {
        ticket: string;
        port: number;
        pid: number;
      };
    const resume = async (claim: { sessionId: string; key: string; receivedBytes: number }) =>
      resumeAtAgent({ site: insideOf(netnsPath), ticket: await ticket(), claim });
    const { session: sessionId } = steal.ready;
    const key = randomBytes(32).toString("base64url");
    await t.rejects(resume({ sessionId, key, receivedBytes: 0 }), {
      code: "resume-refused",
      message: /another key/,
    });
    await t.rejects(resume({ sessionId: "00000000", key, receivedBytes: 0 }), {
      code: "resume-refused",
      message: /has ended the session/,
    });
    const raw = await connectToAgent({ site: insideOf(netnsPath), ticket: await ticket() });
    new ResumableCarrier({ raw }).destroy();
    t.equal(await stage.ask(), "local 200", "the session has noticed nothing");
    t.notOk(
      stage.log().some(({ msg }) => msg === "carrier lost"),
      "its connection is the same",
    );
    t.notMatch(JSON.stringify(stage.log()), key, "no key is logged");
  },
);

void t.test(
  "who starts over has its ports back from the lost session, which the agent has not missed yet",
  { buffered: true, timeout: 110_000 },
  async (t) => {
    const stage = await createStage(t, "over3");
    const steal = await stage.steal("--grace", "3s", "--on-lost", "rejoin", "--unfiltered");
    const { session: lost, agentPort } = steal.ready;
    const cut = await stage.cut(steal, false);
    // Only the client's socket: the packet that would tell the agent is dropped.
    await stage.made.pod.run("ss", "-K", "-t", "dport", "=", `:${agentPort}`);
    await steal.event("connection", connection("given-up"));
    await cut[Symbol.asyncDispose]();
    await steal.event("connection", connection("rejoined"));
    t.not(steal.ready.session, lost);
    t.equal(await stage.ask(), "local 200");
    const log = stage.log();
    const closed = log.findIndex(({ msg, session }) => msg === "session closed" && session === lost);
    const subscribed = log.findLastIndex(({ msg }) => msg === "subscribed");
    t.equal(log[subscribed]?.session, steal.ready.session);
    t.ok(closed === -1 || closed > subscribed, "the agent still waited for the lost one");
  },
);
