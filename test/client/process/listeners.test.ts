import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import t from "tap";
import { Listeners } from "../../../src/client/process/listeners.ts";
import { isWithin } from "../../../src/client/process/process-tree.ts";
import { freePort, LocalApp } from "../incoming/local-app.ts";

const address = "127.0.0.1";
const listen = `const server = require("node:net").createServer().listen(Number(process.argv[1]), "127.0.0.1", () => console.log(server.address().port));`;

/** Starts a process that listens; `through` puts a shell in between. */
async function listener(port: number, through = false): Promise<ChildProcess & AsyncDisposable> {
  const node = [process.execPath, "-e", listen, String(port)];
  const child = through
    ? spawn("/bin/sh", ["-c", '"$@"; true', "sh", ...node], { stdio: ["ignore", "pipe", "inherit"] })
    : spawn(process.execPath, node.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout === null) throw new Error("stdout is a pipe");
  await once(createInterface({ input: child.stdout }), "line");
  return Object.assign(child, {
    [Symbol.asyncDispose]: async (): Promise<void> => {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  });
}

void t.test("without a program of ours whoever listens is up, with name and pid", async (t) => {
  await using app = await LocalApp.start();
  const local = { address, port: app.port };
  const listeners = new Listeners();
  t.notOk(listeners.isStillUp(local), "nothing is known before the first look");
  t.match(await listeners.look(local), { state: "up", owner: { pid: process.pid, name: "node" } });
  t.ok(listeners.isStillUp(local));
  t.same(await listeners.look({ address, port: await freePort() }), { state: "down" });
});

void t.test(
  "a listener that closes is not up any more, and a new socket on its port is looked at anew",
  async (t) => {
    const port = await freePort();
    const local = { address, port };
    const listeners = new Listeners();
    const first = await listener(port);
    await listeners.look(local);
    await first[Symbol.asyncDispose]();
    t.notOk(listeners.isStillUp(local));
    t.same(await listeners.look(local), { state: "down" });
    await using second = await listener(port);
    t.match(await listeners.look(local), { state: "up", owner: { pid: second.pid } });
  },
);

void t.test(
  "only a listener of the program or of what it started is ours; a stranger is named",
  async (t) => {
    const port = await freePort();
    await using shell = await listener(port, true);
    const pid = shell.pid ?? 0;
    const local = { address, port };
    const ours = new Listeners({ isOurs: (owner) => isWithin(owner.pid, pid) });
    t.match(await ours.look(local), { state: "up", owner: { name: "node", parentPid: pid } });
    t.ok(ours.isStillUp(local));
    const others = new Listeners({ isOurs: () => false });
    t.match(await others.look(local), { state: "stranger", owner: { name: "node" } });
    t.notOk(others.isStillUp(local), "a stranger never counts as up");
    process.kill(((await ours.look(local)) as { owner: { pid: number } }).owner.pid);
  },
);

void t.test("a listener of the port on another address is named, and is not up", async (t) => {
  await using app = await LocalApp.start({ host: "::1" });
  const found = await new Listeners().look({ address, port: app.port });
  t.match(found, { state: "down", elsewhere: { address: "::1", owner: { pid: process.pid } } });
});
