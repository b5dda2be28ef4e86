import type { OutgoingRules } from "../../../outgoing/rules/index.ts";
import type { ArgumentCondition, HeldSyscall } from "../../supervisor/index.ts";

/** An address is given: what names none is of connections, and is not held. Of messages in memory a filter sees nothing. */
const namesSomebody: ArgumentCondition = { argument: 4, bits: 64, is: "other-than", value: 0n };

const sendingCalls: readonly HeldSyscall[] = [
  { name: "sendto", when: [namesSomebody] },
  "sendmsg",
  "sendmmsg",
];

/** SOL_SOCKET and SO_BINDTODEVICE (socket(7)). */
const toDevice: HeldSyscall = {
  name: "setsockopt",
  when: [
    { argument: 1, bits: 32, is: "equal-to", value: 1n },
    { argument: 2, bits: 32, is: "equal-to", value: 25n },
  ],
};

/** The calls of a program whose network needs nobody; those that send only where rules speak of sockets that they may name. */
export function callsOfUnixSockets({ rules }: OutgoingRules): readonly HeldSyscall[] {
  const mayNotSend = rules.some(
    ({ flows, where, builtIn }) => flows.kind === "unix" && where !== "local" && builtIn === null,
  );
  return ["connect", "bind", "listen", "getpeername", toDevice, ...(mayNotSend ? sendingCalls : [])];
}

const internet: readonly ArgumentCondition[] = [
  // AF_INET and AF_INET6 (socket(2)).
  { argument: 0, bits: 32, is: "equal-to", value: 2n },
  { argument: 0, bits: 32, is: "equal-to", value: 10n },
];

/** Sockets of the Internet that are neither TCP's nor UDP's: raw ones (SOCK_RAW is 3, of 1, 2 and 5), and all other protocols. */
const otherSockets: readonly HeldSyscall[] = internet.flatMap((family): HeldSyscall[] => [
  {
    name: "socket",
    when: [
      family,
      { argument: 1, bits: 32, is: "any-bit-of", value: 1n },
      { argument: 1, bits: 32, is: "any-bit-of", value: 2n },
    ],
  },
  // SOCK_SEQPACKET, which is SCTP's.
  { name: "socket", when: [family, { argument: 1, bits: 32, is: "any-bit-of", value: 4n }] },
  {
    name: "socket",
    when: [
      family,
      { argument: 2, bits: 32, is: "other-than", value: 0n },
      { argument: 2, bits: 32, is: "other-than", value: 6n },
      { argument: 2, bits: 32, is: "other-than", value: 17n },
    ],
  },
]);

/** The calls of a program whose network is made of them. */
export const callsOfNetwork: readonly HeldSyscall[] = [
  ...otherSockets,
  toDevice,
  "connect",
  "bind",
  "listen",
  "getsockname",
  "getpeername",
  {
    name: "getsockopt",
    when: [
      // SOL_SOCKET and SO_ERROR (socket(7)).
      { argument: 1, bits: 32, is: "equal-to", value: 1n },
      { argument: 2, bits: 32, is: "equal-to", value: 4n },
    ],
  },
  ...sendingCalls,
  { name: "recvfrom", when: [namesSomebody] },
  "recvmsg",
  "recvmmsg",
];
