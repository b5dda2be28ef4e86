import { once } from "node:events";
import { createServer } from "node:net";
import t from "tap";
import { listListeningProcesses } from "../../../src/client/targets/listening-processes.ts";

void t.test("a process that listens is listed with its ports and by what it runs", async (t) => {
  const servers = [createServer(), createServer()];
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  t.teardown(() => servers.forEach((server) => server.close()));
  const ports = servers.map((server) => (server.address() as { port: number }).port); // Of TCP.
  const own = listListeningProcesses().find(({ pid }) => pid === process.pid);
  t.match(own, { isElsewhere: false, name: /^node.* / });
  t.ok(
    ports.every((port) => own?.ports.includes(port)),
    "both ports, in one line",
  );
});

void t.test("where nothing can be read there is nothing, and no error", (t) => {
  t.same(listListeningProcesses("/proc/self/task"), []);
  t.end();
});
