import t from "tap";
import { KeeperProcess } from "../../../../src/client/sandbox/namespace/keeper-process.ts";
import { closeDescriptor, networkNamespaceId } from "../../../../src/kernel/index.ts";
import { isAlive, openFiles } from "../../../fixtures/proc.ts";
import { until } from "../../../fixtures/until.ts";

/** Takes sockets until there are no more at hand, at most a hundred; gives how many there were, and why there is no other. */
function exhaust(keeper: KeeperProcess): { taken: number; why: unknown } {
  for (let taken = 0; taken < 100; taken++) {
    try {
      closeDescriptor(keeper.takeSocket(4));
    } catch (why) {
      return { taken, why };
    }
  }
  return { taken: 100, why: undefined };
}

void t.test(
  "as many sockets as are asked for, all of the namespace, and nothing is left open in the end",
  async (t) => {
    const before = openFiles(process.pid);
    const keeper = await KeeperProcess.start({ ownUsers: false });
    for (const socket of keeper.sockets.values()) closeDescriptor(socket);
    t.equal(exhaust(keeper).taken, 100);
    closeDescriptor(keeper.takeSocket(6));
    t.not(networkNamespaceId(`/proc/${keeper.pid}/ns/net`), networkNamespaceId("/proc/self/ns/net"));
    await keeper[Symbol.asyncDispose]();
    t.notOk(isAlive(keeper.pid));
    await until(() => openFiles(process.pid) === before, { what: "nothing to be left open" });
  },
);

void t.test("a keeper that is stopped is waited for once, and not again before it answers", async (t) => {
  await using keeper = await KeeperProcess.start({ ownUsers: false });
  for (const socket of keeper.sockets.values()) closeDescriptor(socket);
  closeDescriptor(keeper.takeSocket(4));
  process.kill(keeper.pid, "SIGSTOP");
  t.match(exhaust(keeper).why, { name: "KeeperError", message: /does not answer/ });
  const startMs = performance.now();
  t.match(exhaust(keeper), { taken: 0, why: { name: "KeeperError" } });
  t.ok(performance.now() - startMs < 100, "at once");
  process.kill(keeper.pid, "SIGCONT");
  await until(() => exhaust(keeper).taken > 0, { what: "the keeper to answer" });
});

void t.test("a keeper that was killed is told of, and nobody waits for it", async (t) => {
  await using keeper = await KeeperProcess.start({ ownUsers: false });
  for (const socket of keeper.sockets.values()) closeDescriptor(socket);
  process.kill(keeper.pid, "SIGKILL");
  await keeper.gone;
  t.match(exhaust(keeper).why, { name: "KeeperError" });
  await t.rejects(keeper.layOut({ addresses: [] }), { name: "KeeperError" });
});

void t.test("what cannot be laid out is said in the words of whoever refused it", async (t) => {
  await using keeper = await KeeperProcess.start({ ownUsers: false });
  for (const socket of keeper.sockets.values()) closeDescriptor(socket);
  await t.rejects(keeper.layOut({ addresses: ["10.88.0.5"], hostname: "x".repeat(65) }), {
    name: "KeeperError",
    step: "hostname",
    message: "sethostname: EINVAL",
  });
});
