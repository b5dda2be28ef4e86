/**
 * The demo: two network namespaces play a client and a pod, and `magpie` takes some of the requests between them, for one
 * developer, then for two.
 * `--keep` leaves everything running, for playing with. Everything is removed at the end, also by Ctrl-C.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Load, nowMs } from "../../test/fixtures/load.ts";
import { MagpieSteal, RuntimeDirectory } from "../../test/fixtures/magpie-steal.ts";
import { createNamespaces, type Namespace } from "../../test/fixtures/namespaces.ts";
import { isAlive, Proc } from "../../test/fixtures/proc.ts";
import { until } from "../../test/fixtures/until.ts";
import { Narrator, quoted, type Teller } from "./narrator.ts";
import { secondAct } from "./second-act.ts";

const keep = process.argv.includes("--keep");
const narrator = new Narrator();

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

narrator.title();

narrator.act("The stage");
await using namespaces = await createNamespaces({ label: "demo" });
const { client, pod } = namespaces;
const app = await pod.spawn([process.execPath, script("sample-app.ts"), "80"]);
await app.line(/^listening/);
await using local = await Proc.start({ command: [process.execPath, script("local-process.ts"), "8080"] });
const localPort = Number((await local.line(/^listening (\d+)$/))[1]);
narrator.say(`client ${client.address4}  ── veth ──  ${pod.address4} pod, with its app on port 80`);
narrator.say(`your machine, with your own process on 127.0.0.1:${localPort}`);
await using bystander = await Load.start({
  namespace: client,
  host: pod.address4,
  port: 80,
  path: "/bystander",
  connections: 4,
  ratePerSecond: 50,
  fresh: true,
});
narrator.say("and a bystander who sends 50 requests a second, all the time");

const options = ["--port", `80:${localPort}`, "--header", "^x-tenant: blue$"];
narrator.act("You take the requests of tenant blue");
narrator.command(`magpie steal --target netns:${pod.name} ${options.map(quoted).join(" ")}`);
await using runtimeDirectory = await RuntimeDirectory.create();
await using steal = await startSteal();
narrator.say(`the agent runs inside the pod's network, as process ${steal.agentPid}`);

narrator.act("Who answers?");
const blue = ["-H", "x-tenant: blue"];
await ask(`http://${pod.address4}/orders/1`);
await ask(`http://${pod.address4}/orders/2`, ...blue);
await ask(`http://${pod.address4}/orders/3`, "-H", "x-tenant: green");
await ask(`http://${pod.address4}/orders/4`, "-H", "X-Tenant: BLUE", "-d", "one parcel");
await ask(`http://[${pod.address6}]/orders/5`, ...blue);

await secondAct({
  ...{ narrator, pod, runtimeDirectory, localPort },
  ask: (path, ...rest) => answer(`http://${pod.address4}${path}`, ...rest),
});

if (keep) await play();

narrator.act("The agent is killed, with no time to say goodbye");
const before = await rules(pod);
narrator.say(`before: ${before.length} lines of rules in the pod`);
narrator.command(`kill -9 ${steal.agentPid}`);
const killedAtMs = nowMs();
process.kill(steal.agentPid, "SIGKILL");
await until(() => !isAlive(steal.agentPid), { what: "the agent's end" });
const buriedAtMs = nowMs();
await until(async () => (await rules(pod)).length === 0, { what: "the rules to be gone", timeoutMs: 5_000 });
const goneMs = Math.round(nowMs() - killedAtMs);
narrator.command("nft list ruleset");
narrator.check(true, `empty, ${goneMs} ms after the kill: the kernel took the rules away, not we`);
await ask(`http://${pod.address4}/orders/6`, ...blue);
narrator.why("nobody is there to take it, and nobody had to clean up");
const ended = await steal.event("ended");
narrator.say("");
narrator.quote(`magpie steal: ${String(ended["message"])}`);

const { outcomes } = await bystander.stop();
const harmed = outcomes.filter((outcome) => outcome.who !== "pod" || outcome.status !== 200);
const cut = harmed.filter((outcome) => outcome.sentAtMs < buriedAtMs && outcome.endedAtMs > killedAtMs);
const lost = harmed.length - cut.length;
narrator.act("And the bystander?");
narrator.check(
  lost === 0,
  `${outcomes.length} requests while all this went on, ${lost} of them lost or misled`,
);
if (cut.length > 0) {
  const millis = Math.ceil(buriedAtMs - killedAtMs);
  narrator.say(
    `  (${cut.length} more in the agent's hands during the ${millis} ms in which it died: those were cut)`,
  );
}

narrator.end("   That is all. Play with it: npm start -- --keep");
process.exitCode = lost === 0 ? 0 : 1;

/** Ends the demo with what the command itself says when it does not come up. */
async function startSteal(): Promise<MagpieSteal> {
  try {
    return await MagpieSteal.start({ pod, runtimeDirectory, args: [...options, "--trace"] });
  } catch (error) {
    for (const line of String(error).split("\n").slice(1)) narrator.quote(line);
    narrator.check(false, "magpie steal did not start");
    return process.exit(1);
  }
}

/** Sends one request with curl from the client's namespace, and tells who answered and why. */
async function ask(url: string, ...rest: string[]): Promise<void> {
  await answer(url, ...rest);
  if (!steal.proc.running || !isAlive(steal.agentPid)) return;
  const { pathname } = new URL(url);
  const [decision] = await steal.decided(({ target }) => target === pathname, { timeoutMs: 5_000 });
  if (decision) narrator.why(`${decision.verdict}, ${decision.reason}`);
}

/** Sends one request with curl from the client's namespace, and tells who answered. */
async function answer(url: string, ...rest: string[]): Promise<void> {
  narrator.command(["curl", ...rest.map(quoted), url].join(" "));
  const curl = ["curl", "-sS", "--max-time", "5", "-w", "%{header_json}", ...rest, url] as const;
  const { code, stdout, stderr } = await client.run(...curl);
  const [body = "", ...json] = stdout.split("\n");
  if (code !== 0) {
    narrator.answer("nobody", stderr.trim());
    return;
  }
  const headers = JSON.parse(json.join("\n")) as Record<string, string[]>; // What curl(1) documents for header_json.
  const teller: Teller = headers["x-served-by"]?.[0] === "local" ? "local" : "pod";
  narrator.answer(teller, body);
}

/** The lines of the pod's nftables. */
async function rules(namespace: Namespace): Promise<string[]> {
  const { stdout } = await namespace.run("nft", "list", "ruleset");
  return stdout.split("\n").filter((line) => line.trim() !== "");
}

/** Tells what to try, then shows each decision until Ctrl-C, which ends the process and with it the stage. */
async function play(): Promise<never> {
  await bystander.stop();
  // In a user namespace the named namespaces are visible only from inside it.
  const initial = /^\s*0\s+0\s+4294967295/.test(readFileSync("/proc/self/uid_map", "utf8"));
  const enter = initial
    ? ""
    : `nsenter --target ${process.pid} --user --preserve-credentials --mount --net -- `;
  narrator.act("Your turn, from another terminal");
  narrator.command(`${enter}ip netns exec ${client.name} curl -H 'x-tenant: blue' http://${pod.address4}/`);
  narrator.command(`${enter}ip netns exec ${client.name} curl http://${pod.address4}/`);
  narrator.command(`${enter}ip netns exec ${pod.name} nft list ruleset`);
  narrator.command(`kill -9 ${steal.agentPid}`);
  narrator.say("");
  narrator.say("Each decision is shown here. Ctrl-C ends it all and leaves nothing behind.");
  narrator.say("");
  let shown = steal.decisions.length;
  for (;;) {
    await until(() => steal.decisions.length > shown || !steal.proc.running, {
      what: "news",
      timeoutMs: 86_400_000,
    });
    for (const { method, target, verdict, reason } of steal.decisions.slice(shown)) {
      if (target === "/bystander") continue; // The last ones of it are still being told.
      narrator.answer(verdict === "stolen" ? "local" : "pod", `${method} ${target}: ${verdict}, ${reason}`);
    }
    shown = steal.decisions.length;
    if (!steal.proc.running) {
      narrator.quote(`magpie steal has ended: ${steal.proc.stderr.at(-1) ?? "without a word"}`);
      await until(() => false, { what: "Ctrl-C", timeoutMs: 86_400_000 });
    }
  }
}
