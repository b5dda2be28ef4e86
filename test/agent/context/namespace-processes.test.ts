import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import t from "tap";
import { isInOurNamespace, processesHere } from "../../../src/agent/context/namespace-processes.ts";
import { createNamespaces } from "../../fixtures/namespaces.ts";
import { Proc } from "../../fixtures/proc.ts";

void t.test(
  "processes of this namespace are found with where they listen; we and what we started are not",
  async (t) => {
    await using made = await createNamespaces({ label: "processes" });
    await using elsewhere = await made.pod.spawn(["sh", "-c", "echo there; exec sleep 60"]);
    await elsewhere.line(/^there$/);
    await using ours = await Proc.start({ command: ["sleep", "60"] });
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    t.teardown(() => server.close());
    const { processes, hiddenPorts } = await processesHere();
    const pids = processes.map(({ pid }) => pid);
    t.notOk(pids.includes(process.pid), "who asks");
    t.notOk(pids.includes(ours.pid), "what it started");
    t.notOk(pids.includes(elsewhere.pid), "another namespace's");
    const { port } = server.address() as AddressInfo; // A TCP server's.
    t.notOk(processes.some(({ ports }) => ports.includes(port)));
    t.notOk(hiddenPorts.includes(port), "what we listen on is not unseen");
    t.equal(await isInOurNamespace(ours.pid), true);
    t.equal(await isInOurNamespace(elsewhere.pid), false);
  },
);
