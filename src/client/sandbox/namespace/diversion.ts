/**
 * What packets in the sandbox's namespace are marked with. The first bit says: to be delivered here, whatever the address.
 * The second: not the program's, let it pass.
 */
export const marks = { caught: 1, ours: 2, approved: 3 } as const;

/** Where tproxy hands what it catches to, on loopback of both families; above the ports that the kernel gives out itself. */
export const diversionPort = 65_471;

/** The rule `log` tells of first packets under this number. */
export const packetLogGroup = 5;

const localTable = 100;

/**
 * Where the pod's addresses are, as they are in a pod: programs that look for their own address skip loopback. Nothing
 * passes through it: what goes to an own address goes over lo.
 */
export const podInterface = "eth0";

/**
 * Lines for `ip -force -batch`: whichever kind of interface the kernel has. All of them may fail, then lo has to do. A
 * veth is up only when its other end is.
 */
export const interfaceLines = `link add ${podInterface} type dummy
link add ${podInterface} type veth peer name ${podInterface}-peer
link set ${podInterface} addrgenmode none up
link set ${podInterface}-peer addrgenmode none up
`;

/** What a text for `ip -batch` and one for `nft -f` do. */
export interface Layout {
  readonly ip: string;
  readonly nft: string;
}

/**
 * The network without anybody's addresses: lo, where marked packets go, and the rules (ip(8), nft(8)).
 *
 * What the program sends is marked on its way out, and looked at on its way in again. A first packet of TCP is told of and
 * dropped: it is sent again, approved, when the far end has accepted. Own listeners on own addresses come first. What is
 * neither TCP nor UDP cannot leave, and says so at once, and so does what is of one link: the pod's is far away.
 */
export function bareLayout({ hasIPv6 }: { hasIPv6: boolean }): Layout {
  const ownFirst = `    ip daddr @own4 socket transparent 0 accept
    ip6 daddr @own6 socket transparent 0 accept`;
  const divert = (protocol: string): string =>
    [
      `    meta nfproto ipv4 meta l4proto ${protocol} tproxy ip to 127.0.0.1:${diversionPort} accept`,
      ...(hasIPv6
        ? [`    meta nfproto ipv6 meta l4proto ${protocol} tproxy ip6 to [::1]:${diversionPort} accept`]
        : []),
      "    drop",
    ].join("\n");
  return {
    ip: `link set lo up
rule add fwmark ${marks.caught}/${marks.caught} lookup ${localTable}
route add local 0.0.0.0/0 dev lo table ${localTable}
`,
    nft: `table inet magpie {
  set own4 {
    type ipv4_addr; flags interval; elements = { 127.0.0.0/8 };
  }
  set own6 {
    type ipv6_addr; elements = { ::1 };
  }
  chain out {
    type route hook output priority mangle; policy accept;
    meta mark & ${marks.ours} == ${marks.ours} accept
    ip daddr { 224.0.0.0/4, 255.255.255.255 } accept
    ip6 daddr ff00::/8 accept
    ip6 daddr fe80::/10 reject with icmpv6 type no-route
    meta l4proto { tcp, udp } meta mark set ${marks.caught} accept
    ip daddr @own4 accept
    ip6 daddr @own6 accept
    reject with icmpx type admin-prohibited
  }
  chain in {
    type filter hook prerouting priority mangle; policy accept;
    meta mark ${marks.approved} goto approved
    meta mark != ${marks.caught} accept
    tcp flags & (fin | syn | rst | ack) == syn goto opening
    meta l4proto udp goto datagram
  }
  chain opening {
${ownFirst}
    log group ${packetLogGroup} queue-threshold 1 drop
  }
  chain approved {
${divert("tcp")}
  }
  chain datagram {
${ownFirst}
${divert("udp")}
  }
}
`,
  };
}

/**
 * The program's own addresses, IP literals of both families: those of its pod. The first of each family is what its
 * sockets take by themselves; without one of a family, nothing foreign of that family can be reached, as in its pod.
 *
 * Everything goes over lo. IPv4 is routed there as to any foreign host, and what is marked is delivered here by a table of its
 * own: a local default route that unmarked lookups meet would let every address be bound. IPv6 has no such route over lo
 * but a local one, and asks devices, not routes, whether an address may be bound.
 */
export function addressLayout(
  addresses: readonly string[],
  { hasIPv6, device }: { hasIPv6: boolean; device: string },
): Layout {
  const unique = [...new Set(addresses)];
  const four = unique.filter((address) => !address.includes(":") && !address.startsWith("127."));
  const six = unique.filter((address) => hasIPv6 && address.includes(":") && address !== "::1");
  const ip = [
    ...four.map((address) => `address add ${address}/32 dev ${device}`),
    ...six.map((address) => `address add ${address}/128 dev ${device} nodad`),
    ...four.slice(0, 1).map((address) => `route add 0.0.0.0/0 dev lo src ${address}`),
    ...six.slice(0, 1).map((address) => `route add local ::/0 dev lo src ${address} table main`),
  ];
  const nft = [
    ...four.map((address) => `add element inet magpie own4 { ${address} }`),
    ...six.map((address) => `add element inet magpie own6 { ${address} }`),
  ];
  return { ip: ip.map((line) => `${line}\n`).join(""), nft: nft.map((line) => `${line}\n`).join("") };
}
