import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import {
  type AgentCommand,
  ownNetnsInode,
  runtimeDirectoryOf,
  ticketOfAgent,
} from "../../../src/client/target/index.ts";

const target = {
  label: "netns:test",
  netnsPath: "/proc/self/ns/net",
  netnsInode: ownNetnsInode(),
  podRoot: "/",
};

/** An agent's command line played by a shell: `$1` is run or ticket, `$DIR` the runtime directory. */
function agentOf(script: string): { command: AgentCommand; runtimeDirectory: string } {
  const runtimeDirectory = mkdtempSync(join(tmpdir(), "magpie-agent-"));
  const file = join(runtimeDirectory, "agent.sh");
  writeFileSync(file, `DIR=${runtimeDirectory}\ncd $DIR\n${script}\n`);
  return { command: { program: "/bin/sh", args: [file] }, runtimeDirectory };
}

const ticket = `echo '{"ticket":"abc","port":4000,"pid":12,"expiresInMs":1000}'`;
const common = { target, redirect: "auto", lingerMs: 0 } as const;
// Entering a namespace needs the privilege that this machine's root has.
const needsRoot = { skip: process.geteuid?.() === 0 ? false : "only root may enter a network namespace" };

void t.test("a running agent is used, and none is started", async (t) => {
  const agent = agentOf(`[ $1 = ticket ] || exit 9; ${ticket}`);
  t.match(await ticketOfAgent({ ...common, ...agent }), {
    ticket: "abc",
    port: 4000,
    pid: 12,
    isStarted: false,
  });
});

void t.test("an agent that hangs is told with how to find it", async (t) => {
  const agent = agentOf("echo 'magpie-agent: the agent does not answer' >&2; exit 1");
  await t.rejects(ticketOfAgent({ ...common, ...agent }), {
    code: "agent-start",
    message: /does not answer/,
    hint: `pgrep -f 'run --runtime-dir ${agent.runtimeDirectory}'`,
  });
});

void t.test("without an agent one is started and asked", needsRoot, async (t) => {
  const agent = agentOf(
    `if [ $1 = run ]; then echo "$@" > ran; echo '{"event":"ready","pid":12,"port":4000}'; exec sleep 1; fi
     [ -e ran ] || exit 3; ${ticket}`,
  );
  t.match(await ticketOfAgent({ ...common, ...agent }), { ticket: "abc", isStarted: true });
});

void t.test("two clients at once: who loses the race uses the winner's agent", needsRoot, async (t) => {
  const agent = agentOf(
    `if [ $1 = run ]; then touch ran; echo '{"event":"failed","code":"already-running","message":"m","hint":""}'; exit 1; fi
     [ -e ran ] || exit 3; ${ticket}`,
  );
  t.match(await ticketOfAgent({ ...common, ...agent }), { ticket: "abc", isStarted: false });
});

void t.test("an agent that cannot start is told in its own words", needsRoot, async (t) => {
  const failed = agentOf(
    `[ $1 = run ] || exit 3; echo '{"event":"failed","code":"x","message":"no nft","hint":"install it"}'; exit 1`,
  );
  await t.rejects(ticketOfAgent({ ...common, ...failed }), {
    code: "agent-start",
    message: /no nft/,
    hint: "install it",
  });
  const crashed = agentOf(`[ $1 = run ] || exit 3; echo first >&2; echo 'SyntaxError: x' >&2; exit 1`);
  await t.rejects(ticketOfAgent({ ...common, ...crashed }), {
    code: "agent-start",
    message: /SyntaxError: x/,
  });
});

void t.test("an interrupt while the agent starts kills it", needsRoot, async (t) => {
  const agent = agentOf(`[ $1 = run ] || exit 3; exec sleep 60`);
  const interrupt = new AbortController();
  const joining = ticketOfAgent({ ...common, ...agent, signal: interrupt.signal });
  setTimeout(() => interrupt.abort(new Error("enough")), 200);
  await t.rejects(joining, { message: "enough" });
});

void t.test("an answer that is no ticket is refused", async (t) => {
  const agent = agentOf("echo '{}'");
  await t.rejects(ticketOfAgent({ ...common, ...agent }), { code: "agent-start", message: /no ticket/ });
});

void t.test("each network namespace has a directory of its own", (t) => {
  t.equal(runtimeDirectoryOf(target, {}), `/run/magpie/${target.netnsInode}`);
  t.equal(runtimeDirectoryOf(target, { MAGPIE_RUNTIME_DIR: "/tmp/m" }), `/tmp/m/${target.netnsInode}`);
  t.end();
});
