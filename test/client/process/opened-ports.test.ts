import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import t from "tap";
import { OpenedPorts } from "../../../src/client/process/index.ts";
import { freePort } from "../incoming/local-app.ts";

void t.test("ports that are opened later by ours are told once, and once when they are closed", async (t) => {
  const told: string[] = [];
  using ports = new OpenedPorts({
    isOurs: ({ pid }) => pid === process.pid,
    onListening: (port) => told.push(`listening ${port}`),
    onClosed: (port) => told.push(`closed ${port}`),
  });
  const before = createServer().listen(0, "127.0.0.1");
  await once(before, "listening");
  t.teardown(() => before.close());
  await ports.begin();
  const port = await freePort();
  const both = [createServer().listen(port, "127.0.0.1"), createServer().listen(port, "::1")];
  await Promise.all(both.map((server) => once(server, "listening")));
  await ports.look();
  await ports.look();
  t.same(
    told,
    [`listening ${port}`],
    "two sockets of one port are one, and who listened before is a stranger",
  );
  t.match(ports.addressOf(port), { port, address: /^(?:127\.0\.0\.1|::1)$/ });
  both[0]?.close();
  await ports.look();
  t.equal(told.length, 1);
  t.equal(ports.addressOf(port)?.address, "::1");
  both[1]?.close();
  t.equal(ports.addressOf(port), undefined, "it is known at once");
  await ports.look();
  t.same(told, [`listening ${port}`, `closed ${port}`]);
});

void t.test("a stranger's port is not told, nor led to", async (t) => {
  const told: number[] = [];
  using ports = new OpenedPorts({
    isOurs: ({ pid }) => pid === process.pid,
    onListening: (port) => told.push(port),
    onClosed: () => undefined,
  });
  await ports.begin();
  const script = 'const s = require("net").createServer().listen(0, () => console.log(s.address().port))';
  const stranger = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
  t.teardown(() => stranger.kill("SIGKILL"));
  const [line] = (await once(stranger.stdout.setEncoding("utf8"), "data")) as [string];
  await ports.look();
  t.same(told, []);
  t.equal(ports.addressOf(Number(line)), undefined);
});
