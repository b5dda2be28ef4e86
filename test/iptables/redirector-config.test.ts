import t from "tap";
import {
  checkedConfig,
  checkedPorts,
  listenerPorts,
  uniqueSuffix,
} from "../../iptables/src/redirector-config.ts";

const options = { listenerPort4: 15001, upstreamMark: 7 };
const REFUSED = { code: "invalid-value" };

await t.test("a lease is 4 s unless asked otherwise", async (t) => {
  t.equal(checkedConfig(options).leaseMs, 4000);
  t.equal(checkedConfig({ ...options, leaseMs: 9000 }).leaseMs, 9000);
});

await t.test("refuses what could divert everybody, nobody, or itself", async (t) => {
  t.throws(() => checkedConfig({ upstreamMark: 7 }), REFUSED, "no listener");
  t.throws(
    () => checkedConfig({ ...options, upstreamMark: 0 }),
    REFUSED,
    "every packet without a mark has mark 0",
  );
  t.throws(() => checkedConfig({ ...options, upstreamMark: -1 }), REFUSED);
  t.throws(() => checkedConfig({ ...options, listenerPort6: 0 }), REFUSED);
  t.throws(() => checkedConfig({ ...options, agentGid: 0.5 }), REFUSED);
  t.throws(() => checkedConfig({ ...options, leaseMs: 0 }), REFUSED);
  const config = checkedConfig({ ...options, listenerPort6: 15002 });
  t.throws(() => checkedPorts([80, 15002], config), REFUSED);
  t.throws(() => checkedPorts([0], config), REFUSED);
  t.strictSame(checkedPorts([80, 81, 80], config), [80, 81]);
});

await t.test("names each listener's port once", async (t) => {
  t.strictSame(listenerPorts(checkedConfig({ ...options, listenerPort6: 15001 })), [15001]);
  t.strictSame(listenerPorts(checkedConfig({ ...options, listenerPort6: 15002 })), [15001, 15002]);
});

await t.test("a suffix is new each time and fits into a chain's name", async (t) => {
  t.not(uniqueSuffix(), uniqueSuffix());
  t.match(uniqueSuffix(), /^\d{1,8}_[0-9a-f]{6}$/);
});
