import type { OutgoingRules } from "../../../outgoing/rules/index.ts";
import type { ArgumentCondition, HeldSyscall } from "../../supervisor/index.ts";

/** An address is given: what names none is of connections, and is not held. Of messages in memory a filter sees nothing. */
const namesSomebody: ArgumentCondition = { argument: 4, bits: 64, is: "other-than", value: 0n };

const sendingCalls: readonly HeldSyscall[] = [
  { name: "sendto", when: [namesSomebody] },
  "sendmsg",
  "sendmmsg",
];

/** The calls of a program whose network needs nobody; those that send only where rules speak of sockets that they may name. */
export function callsOfUnixSockets({ rules }: OutgoingRules): readonly HeldSyscall[] {
  const mayNotSend = rules.some(
    ({ flows, where, builtIn }) => flows.kind === "unix" && where !== "local" && builtIn === null,
  );
  return ["connect", "listen", "getpeername", ...(mayNotSend ? sendingCalls : [])];
}

/** The calls of a program whose network is made of them. */
export const callsOfNetwork: readonly HeldSyscall[] = [
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
