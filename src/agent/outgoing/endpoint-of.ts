import { isIPv4 } from "node:net";
import type { Endpoint } from "../../kernel/index.ts";
import type { WireAddress } from "../../protocol/index.ts";

/** An address of the wire, as the kernel room wants it. */
export function endpointOf({ address, port }: WireAddress): Endpoint {
  return { family: isIPv4(address) ? 4 : 6, address, port };
}
