import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("tickets");
await namespace.applyExample();
const caller = await Caller.start(cluster, namespace);
const runtimeDirectory = await RuntimeDirectory.create();
const kubeconfig = await namespace.user("developer", developerRules);
const ann = new Developer({ cluster, kubeconfig, runtimeDirectory });
const local = await LocalProgram.start();
const steal = await ann.steal("deployment/web", [
  "--port",
  `8080:${local.port}`,
  "--header",
  "x-tenant: blue",
]);
t.teardown(async () => {
  await steal[Symbol.asyncDispose]();
  await local[Symbol.asyncDispose]();
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

interface RunningAgent {
  readonly pod: string;
  readonly container: string;
  readonly address: string;
}

interface Issued {
  readonly ticket: string;
  readonly port: number;
}

const issued: string[] = [];

async function agents(): Promise<RunningAgent[]> {
  return (await namespace.pods("app=web")).flatMap(({ metadata, status }) =>
    (status.ephemeralContainerStatuses ?? [])
      .filter(({ state }) => state.running !== undefined)
      .map(({ name }) => ({ pod: metadata.name, container: name, address: status.podIP ?? "" })),
  );
}

async function ticketOf({ pod, container }: RunningAgent): Promise<Issued> {
  const words = ["magpie-agent", "ticket", "--runtime-dir", "auto"];
  const text = await namespace.kubectl("exec", pod, "-c", container, "--", ...words);
  const given = JSON.parse(text) as Issued; // The agent printed it.
  issued.push(given.ticket);
  return given;
}

/** What the agent's door says to a ticket, through a port-forward as it is kubectl's. */
async function admission(agent: RunningAgent, { ticket, port }: Issued): Promise<number> {
  await using forward = await namespace.start("port-forward", `pod/${agent.pod}`, `:${port}`);
  const [, own = ""] = await forward.line(/^Forwarding from 127\.0\.0\.1:(\d+)/);
  const asked = request({
    ...{ host: "127.0.0.1", port: Number(own), path: "/tunnel" },
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      authorization: `Bearer ${ticket}`,
    },
  });
  asked.on("error", () => undefined);
  const answered = Promise.race([once(asked, "upgrade"), once(asked, "response")]);
  asked.end();
  const [answer] = (await answered) as [IncomingMessage];
  asked.destroy();
  return answer.statusCode ?? 0;
}

const found = await agents();
const [first, second] = found;
if (first === undefined || second === undefined) throw new Error(`three agents are wanted: ${found.length}`);

void t.test("a ticket admits once; stolen afterwards it is worth nothing", async (t) => {
  const ticket = await ticketOf(first);
  t.equal(await admission(first, ticket), 101);
  t.equal(await admission(first, ticket), 401);
});

void t.test("a ticket is for the agent that gave it, and a guessed one for none", async (t) => {
  const [mine, theirs] = [await ticketOf(first), await ticketOf(second)];
  t.equal(await admission(second, { ...theirs, ticket: mine.ticket }), 401);
  t.equal(await admission(first, { ...mine, ticket: "A".repeat(43) }), 401);
  t.equal(await admission(first, { ...mine, ticket: "" }), 401);
  t.equal(await admission(first, mine), 101, "what was tried elsewhere is still good here");
});

void t.test("a ticket that nobody has used for 30 s is worth nothing", async (t) => {
  const ticket = await ticketOf(first);
  await new Promise((resolve) => setTimeout(resolve, 31_000));
  t.equal(await admission(first, ticket), 401);
});

void t.test("the agent's port is open to nobody outside of its pod", async (t) => {
  const { port } = await ticketOf(first);
  for (const { address } of [first]) {
    const url = `http://${address}:${port}/tunnel`;
    t.match(await caller.call({ url }), { error: "ECONNREFUSED" }, "from another pod");
    if (cluster.node === undefined) continue;
    await using onNode = await Caller.onNode(cluster.node);
    t.match(await onNode.call({ url }), { error: "ECONNREFUSED" }, "from the node");
    const own = `http://127.0.0.1:${port}/tunnel`;
    t.match(await onNode.call({ url: own }), { error: "ECONNREFUSED" }, "from the node's loopback");
  }
  const script = `fetch("http://127.0.0.1:${port}/tunnel").then((answer) => console.log(answer.status))`;
  const inside = await namespace.kubectl("exec", first.pod, "-c", "web", "--", "node", "-e", script);
  t.match(inside, /^40[014]/, "the app itself is let in no more than others");
});

void t.test("who may forward ports and not exec is refused, and gets no ticket otherwise", async (t) => {
  const rules = developerRules.map((rule) => ({
    ...rule,
    resources: rule.resources.filter((name) => name !== "pods/exec"),
  }));
  const guest = new Developer({
    cluster,
    kubeconfig: await namespace.user("guest", rules),
    runtimeDirectory,
  });
  const refused = await guest.run(["sessions", "--target", `pod/${first.pod}`]);
  t.not(refused.code, 0);
  t.match(refused.errors, /may not create pods\/exec/);
});

void t.test(
  "no ticket and no session's key stands in the pod, its events, or the agents' logs",
  async (t) => {
    const stored = secretsOf(runtimeDirectory.path);
    t.ok(stored.length > 0, "there are keys to look for");
    const texts = [
      await namespace.kubectl("get", "pods,events", "-o", "yaml"),
      await namespace.kubectl("describe", "pods"),
    ];
    for (const { pod, container } of await agents()) texts.push(await logOf(pod, container));
    for (const secret of [...issued, ...stored])
      for (const text of texts) if (text.includes(secret)) t.fail("a secret stands in the cluster");
    t.notMatch(texts.join("\n"), /Bearer /);
    await steal.end();
  },
);

async function logOf(pod: string, container: string): Promise<string> {
  const text = await namespace.kubectl("logs", pod, "-c", container);
  t.match(text, /"event":"ready"/, "it is the agent's log");
  return text;
}

/** The keys of this user's sessions, as they are written down for other commands. */
function secretsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => {
      const text = readFileSync(join(parentPath, name), "utf8");
      return [...text.matchAll(/"key":\s*"([^"]{16,})"/g)].map(([, key = ""]) => key);
    });
}
