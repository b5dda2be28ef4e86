import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import t from "tap";
import { AdminSocket, AlreadyRunning, fetchTicket, TicketOffice } from "../../../src/agent/session/index.ts";

function runtimeDirectory(t: { teardown(action: () => void): unknown }): string {
  const directory = mkdtempSync(join(tmpdir(), "magpie-admin-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

void t.test(
  "whoever may open the file gets a ticket that is good, and the port to bring it to",
  async (t) => {
    const tickets = new TicketOffice();
    const directory = runtimeDirectory(t);
    const admin = await AdminSocket.listen({ runtimeDirectory: directory, tickets, port: 4_321 });
    const issued: unknown = JSON.parse((await fetchTicket(directory)) ?? "");
    t.match(issued, { port: 4_321, pid: process.pid, expiresInMs: 30_000, ticket: /^[\w-]{43}$/ });
    t.equal(tickets.redeem((issued as { ticket: string }).ticket), true); // Matched above.
    t.equal(statSync(directory).mode & 0o777, 0o700);
    t.equal(statSync(join(directory, "agent.sock")).mode & 0o777, 0o600);
    admin.close();
    t.equal(await fetchTicket(directory), undefined, "nobody answers after the end");
  },
);

void t.test(
  "one agent for a network namespace: a second one is refused, also in another directory",
  async (t) => {
    const options = { tickets: new TicketOffice(), port: 1 };
    const first = await AdminSocket.listen({ ...options, runtimeDirectory: runtimeDirectory(t) });
    await t.rejects(
      AdminSocket.listen({ ...options, runtimeDirectory: runtimeDirectory(t) }),
      AlreadyRunning,
    );
    first.close();
    const next = await AdminSocket.listen({ ...options, runtimeDirectory: runtimeDirectory(t) });
    next.close();
  },
);

void t.test("the socket file of a dead agent is replaced", async (t) => {
  const directory = runtimeDirectory(t);
  writeFileSync(join(directory, "agent.sock"), "");
  t.equal(await fetchTicket(directory), undefined);
  const admin = await AdminSocket.listen({
    runtimeDirectory: directory,
    tickets: new TicketOffice(),
    port: 1,
  });
  t.ok(await fetchTicket(directory));
  admin.close();
});

void t.test("closing again takes nothing from an agent that was started since", async (t) => {
  const options = { runtimeDirectory: runtimeDirectory(t), tickets: new TicketOffice(), port: 1 };
  const old = await AdminSocket.listen(options);
  old.close();
  const next = await AdminSocket.listen(options);
  old.close();
  t.ok(await fetchTicket(options.runtimeDirectory));
  next.close();
});

void t.test("no directory, no agent", async (t) => {
  t.equal(await fetchTicket(join(runtimeDirectory(t), "missing")), undefined);
});

void t.test("who waits to be let in when an agent ends finds none, and no fault", async (t) => {
  const directory = runtimeDirectory(t);
  const script = `import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("listening", flush=True)
sys.stdin.read()`;
  const agent = spawn("python3", ["-c", script, join(directory, "agent.sock")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.teardown(() => agent.kill("SIGKILL"));
  await once(agent.stdout, "data");
  const asked = fetchTicket(directory);
  // It is in the queue of a listener that lets nobody in: the kernel resets it with the listener.
  await setTimeout(100);
  agent.stdin.end();
  t.equal(await asked, undefined);
});
