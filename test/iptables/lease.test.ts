import t from "tap";
import { leasedPortSet, leasePorts } from "../../iptables/src/lease.ts";
import { renderTransaction } from "../../iptables/src/render.ts";

const lease = { table: { family: "inet", name: "m" }, set: "ports", leaseMs: 4000 } as const;

await t.test("renews exactly the given ports, each once, in one transaction", async (t) => {
  t.equal(
    renderTransaction(leasePorts({ ...lease, ports: [80, 81, 80] })).line,
    "flush set inet m ports; add element inet m ports { 80 timeout 4000ms, 81 timeout 4000ms }",
  );
});

await t.test("without ports only empties the set", async (t) => {
  t.equal(renderTransaction(leasePorts({ ...lease, ports: [] })).line, "flush set inet m ports");
});

await t.test("the set's elements may have timeouts", async (t) => {
  t.strictSame(leasedPortSet("p"), { name: "p", type: "inet_service", flags: ["timeout"] });
});
