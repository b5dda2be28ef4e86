import { fileURLToPath } from "node:url";
import type { Namespace, Namespaces } from "../../../test/fixtures/namespaces.ts";
import type { Proc } from "../../../test/fixtures/proc.ts";
import { until } from "../../../test/fixtures/until.ts";
import type { EmulatedLink, LinkQuality } from "./emulated-link.ts";
import type { RelayOptions } from "./relay.ts";

const DEVICE = "link0";
const CLIENT_ADDRESS = "10.78.0.2";
const POD_ADDRESS = "10.78.0.1";
/** The namespaces are our own, so the ports are free. */
const RELAY_PORT = 7001;
const DEVICE_PORT = 7002;
/** A packet in a datagram must fit the veth pair's 1,500. */
const MTU_BYTES = 1_400;

/**
 * A link without netem: each namespace has a TUN device, socat carries its packets as datagrams, and a relay in the
 * client's namespace holds them back and loses some.
 */
export async function layRelayLink(
  namespaces: Namespaces,
  quality: LinkQuality,
  stack: AsyncDisposableStack,
): Promise<EmulatedLink> {
  const { client, pod } = namespaces;
  const side = (namespace: Namespace): RelayOptions["sides"][number] => ({
    bind: { address: namespace.address4, port: namespace === client ? RELAY_PORT : RELAY_PORT + 10 },
    peer: { address: namespace.address4, port: DEVICE_PORT },
  });
  const sides = [side(client), { ...side(pod), bind: { address: client.address4, port: RELAY_PORT + 10 } }];
  const relay = fileURLToPath(new URL("relay.ts", import.meta.url));
  const options = JSON.stringify({ ...quality, sides });
  const proc = stack.use(await client.spawn([process.execPath, relay, options]));
  await proc.line(/^ready$/);
  await addDevice(
    client,
    { address: CLIENT_ADDRESS, relayAddress: client.address4, relayPort: RELAY_PORT },
    stack,
  );
  await addDevice(
    pod,
    { address: POD_ADDRESS, relayAddress: client.address4, relayPort: RELAY_PORT + 10 },
    stack,
  );
  return {
    podAddress: POD_ADDRESS,
    about: `a relay of our own between two TUN devices (this kernel has no netem): ${quality.delayMs} ms, ${quality.loss * 100} % lost, at most ${quality.queuePackets} packets on their way, each way`,
  };
}

/** Gives a namespace its end of the link. */
async function addDevice(
  namespace: Namespace,
  ends: { address: string; relayAddress: string; relayPort: number },
  stack: AsyncDisposableStack,
): Promise<void> {
  const tun = `TUN:${ends.address}/24,tun-name=${DEVICE},tun-type=tun,iff-no-pi,iff-up`;
  const udp = `UDP:${ends.relayAddress}:${ends.relayPort},bind=${namespace.address4}:${DEVICE_PORT}`;
  const socat: Proc = stack.use(await namespace.spawn(["socat", "-b", "65536", tun, udp]));
  const isUp = async (): Promise<boolean> => {
    if (!socat.running) throw new Error(`socat made no TUN device:\n${socat.output()}`);
    return (await namespace.run("ip", "link", "show", DEVICE, "up")).stdout.includes(DEVICE);
  };
  await until(isUp, { what: `${DEVICE} of ${namespace.name} to be up` });
  const { code, stderr } = await namespace.run("ip", "link", "set", DEVICE, "mtu", String(MTU_BYTES));
  if (code !== 0) throw new Error(`the MTU of ${DEVICE} could not be set: ${stderr}`);
}
