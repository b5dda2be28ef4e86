import { networkInterfaces } from "node:os";
import t from "tap";
import { podAddresses } from "../../../src/protocol/index.ts";
import { AskedAgent } from "./asked.ts";

void t.test("the addresses that mean the pod to others are told, and no others", async (t) => {
  const { bodies } = await new AskedAgent().ask({ kind: "addresses" }).over();
  const { addresses } = podAddresses(bodies[0] ?? null);
  const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  for (const { address, internal } of own)
    t.equal(addresses.includes(address), !internal && !address.startsWith("fe80"), address);
});

void t.test("what is no list of addresses is refused", async (t) => {
  for (const addresses of ["10.0.0.1", ["10.0.0"], [1], Array.from({ length: 257 }, () => "10.0.0.1")])
    t.throws(() => podAddresses({ addresses }), { code: "bad-message" });
});
