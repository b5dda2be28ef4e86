import { openRedirector, openReturnPath, RETURN_PATH_ID } from "nftables-js";
import t, { type Test } from "tap";
import { CLIENT, LOOPBACK, makePodNetwork, POD, type PodNetwork } from "./fixtures/pod-network.ts";
import { leftovers } from "./fixtures/redirector-compliance.ts";
import { Peer } from "./fixtures/start-peer.ts";

/** A namespace whose /proc/sys is read-only, as in an ordinary container. */
function withReadOnlySysctl(prefix: readonly string[]): string[] {
  const remount = 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "$@"';
  return [...prefix, "unshare", "--mount", "sh", "-c", remount, "sh"];
}

/** App and agent in one process. */
async function servedPod(network: PodNetwork): Promise<Peer> {
  const pod = await Peer.start(network.pod);
  await pod.call("serveApp", { version: 4, bound: { address: "0.0.0.0", port: 8080 } });
  await pod.call("serveApp", { version: 6, bound: { address: "::", port: 8080 } });
  return pod;
}

async function dialsAsTheClient(t: Test, pod: Peer): Promise<void> {
  for (const version of [4, 6] as const)
    for (const { from, to } of [
      { from: CLIENT[version], to: POD[version] },
      { from: POD[version], to: POD[version] },
      { from: LOOPBACK[version], to: LOOPBACK[version] },
    ]) {
      const dialled = await pod.call("dial", {
        version,
        to: { address: to, port: 8080 },
        transparentFrom: from,
        mark: RETURN_PATH_ID,
      });
      const { by, client } = dialled.greeting;
      t.strictSame({ by, client }, { by: "app", client: from });
      t.strictSame(await pod.call("speak", { id: dialled.id, text: "and on" }), { echo: "and on" });
    }
}

const CASES = [
  { backend: "tproxy", variant: "fwmark-accept", table: "own" },
  { backend: "tproxy", variant: "conntrack-mark", table: "own" },
  { backend: "tproxy", variant: "conntrack-mark", table: "shared" },
  { backend: "redirect", variant: "fwmark-accept", table: "own" },
  { backend: "redirect", variant: "conntrack-mark", table: "shared" },
  { backend: "iptables", variant: "fwmark-accept", table: "own" },
  { backend: "iptables", variant: "conntrack-mark", table: "own" },
] as const;

for (const { backend, variant, table } of CASES)
  await t.test(
    `${variant}, ${table} table, with ${backend}: the app sees the client's address`,
    async (t) => {
      await using network = await makePodNetwork();
      await using pod = await servedPod(network);
      const pristine = await leftovers(network);
      const destination = backend === "tproxy" ? "local-address" : "so-original-dst";
      const { port: listenerPort4 } = await pod.call("serveAgent", { version: 4, destination });
      const { port: listenerPort6 } = await pod.call("serveAgent", { version: 6, destination });
      const commandPrefix = variant === "fwmark-accept" ? network.pod : withReadOnlySysctl(network.pod);
      const upstreamMark = RETURN_PATH_ID;
      const settings = { backend, listenerPort4, listenerPort6, upstreamMark, commandPrefix };
      const { redirector, session } = await openRedirector(settings);
      await redirector.setPorts([8080]);
      const path = await openReturnPath({ commandPrefix, ...(table === "shared" && session && { session }) });
      t.equal(path.variant, variant);
      t.match(path.reason, variant === "fwmark-accept" ? "could be set" : /Read-only|cannot create/);
      t.equal(path.ipv4, true);
      t.equal(path.ipv6, true);
      await dialsAsTheClient(t, pod);
      await path.close();
      await path.close();
      await redirector.close();
      t.equal(await leftovers(network), pristine, "close leaves nothing");
      t.equal((await network.inPod("cat /proc/sys/net/ipv4/tcp_fwmark_accept")).trim(), "0");
    },
  );

await t.test("takes over what a killed agent left, and removes it in the end", async (t) => {
  await using network = await makePodNetwork();
  const pristine = await leftovers(network);
  await openReturnPath({ commandPrefix: network.pod }); // Never closed, as by a killed agent.
  const left = await leftovers(network);
  const path = await openReturnPath({ commandPrefix: network.pod });
  t.equal(await leftovers(network), left, "nothing is there twice");
  t.equal(path.reason, "tcp_fwmark_accept was on already");
  await path.close();
  t.equal(await leftovers(network), pristine);
});

await t.test("a pod without IPv6 is no error", async (t) => {
  await using network = await makePodNetwork();
  await network.inPod("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6");
  await using path = await openReturnPath({ commandPrefix: network.pod });
  t.equal(path.ipv4, true);
  t.match(path.ipv6, { missing: String });
});

await t.test("refuses a rule priority that somebody else uses", async (t) => {
  await using network = await makePodNetwork();
  await network.inPod(
    `ip rule add priority 100 to 192.0.2.0/24 lookup main; ip -6 rule add priority 100 to 2001:db8::/32 lookup main`,
  );
  const before = await leftovers(network);
  await t.rejects(openReturnPath({ commandPrefix: network.pod, table: 100 }), {
    code: "command-failed",
    message: /is taken/,
  });
  t.equal(await leftovers(network), before, "and leaves it alone");
});
