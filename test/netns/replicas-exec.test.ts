import t from "tap";
import { MagpieSteal } from "../fixtures/magpie-steal.ts";
import { Proc } from "../fixtures/proc.ts";
import { ReplicaStage } from "../fixtures/replica-stage.ts";
import type { Replica } from "../fixtures/replicas.ts";

/** Answers as `local`, and says by whom it reaches the client's own server: that is its home. */
const program = `
const http = require("node:http");
http.createServer((request, response) => {
  http.get("http://10.78.0.1:9000/", (answer) => answer.on("data", (data) => response.setHeader("x-party", "local " + data).end()))
    .on("error", (error) => response.setHeader("x-party", "local " + error.code).end());
}).listen(8080);`;

/** Says to each caller what its address is. */
const echo = `require("node:http").createServer((q, r) => r.end(q.socket.remoteAddress)).listen(9000, "10.78.0.1", () => console.log("up"));`;

async function exec(on: ReplicaStage, ...args: readonly string[]): Promise<MagpieSteal> {
  const { replicas, runtimeDirectory } = on;
  const words = ["--steal", "-p", "80:8080", ...args, "--", process.execPath, "-e", program];
  return await MagpieSteal.start({ pod: replicas.whole, runtimeDirectory, command: "exec", args: words });
}

async function echoing({ replicas }: ReplicaStage): Promise<Proc> {
  const { name: namespace } = replicas.client;
  const proc = await Proc.start({ command: [process.execPath, "-e", echo], namespace });
  await proc.line(/^up$/);
  return proc;
}

function third(on: ReplicaStage): [Replica, Replica, Replica] {
  const [first, second, last] = on.replicas.all;
  if (first === undefined || second === undefined || last === undefined) throw new Error("there are three");
  return [first, second, last];
}

void t.test(
  "a program has the requests of all replicas, and its files and network of one, which is said",
  async (t) => {
    await using on = await ReplicaStage.create("exec");
    await using stack = new AsyncDisposableStack();
    stack.use(await echoing(on));
    const [first, second, last] = third(on);
    await using run = await exec(on);
    t.match(await run.event("notice", { fits: ({ code }) => code === "home" }), {
      message: new RegExp(first.name),
    });
    await run.event("port", { fits: ({ requests }) => requests !== null });
    t.match(run.told("ready")[0], { coverage: { of: 3 } });
    for (const replica of [first, second, last])
      t.equal(await until(() => on.ask(replica), /^local/), `local ${first.pod.address4}`);
    t.equal(run.told("port").filter(({ requests }) => requests !== null).length, 1, "the port is told once");

    await on.replicas.remove(first);
    t.match(await run.event("notice", { fits: ({ code }) => code === "home-moved" }), {
      message: new RegExp(`${first.name}.* is gone: .*${second.name}`),
    });
    t.equal(await on.ask(second), `local ${second.pod.address4}`);
    t.equal(await on.ask(last), `local ${second.pod.address4}`);
    const added = await on.replicas.add();
    await run.event("coverage", {
      fits: ({ change, member }) => change === "joined" && member === added.name,
    });
    t.equal(await until(() => on.ask(added), /^local/), `local ${second.pod.address4}`);
    t.ok(run.proc.running);
  },
);

void t.test(
  "--from names the replica that files and network are of; one that is not there is refused",
  async (t) => {
    await using on = await ReplicaStage.create("from");
    await using stack = new AsyncDisposableStack();
    stack.use(await echoing(on));
    const [first, , last] = third(on);
    stack.use(await exec(on, "--from", last.name));
    t.equal(await until(() => on.ask(first), /^local/), `local ${last.pod.address4}`);
    const { runtimeDirectory, replicas } = on;
    const args = ["--from", "web-9", "--", "true"];
    await using other = await MagpieSteal.begin({
      pod: replicas.whole,
      runtimeDirectory,
      command: "exec",
      args,
    });
    t.equal((await other.proc.exited).code, 2);
    t.match(await other.event("ended"), { code: "target-unknown", message: /web-9/ });
  },
);

/** Asks until the answer fits, for some seconds: the others are joined while the program runs. */
async function until(ask: () => Promise<string>, fits: RegExp): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask();
    if (fits.test(answer) || attempt === 50) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
