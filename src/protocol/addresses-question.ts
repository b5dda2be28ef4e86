import { ProtocolError } from "./errors.ts";
import { type Json, objectOf, textsField } from "./message-fields.ts";
import { ipVersion } from "./ip-literal.ts";

/** Asks for the pod's own addresses. */
export interface AddressesQuestion {
  readonly kind: "addresses";
}

/** The answer. */
export interface PodAddresses {
  /** IP literals of both families, without loopback and what means something on one link only; those of the first device first. */
  readonly addresses: readonly string[];
}

/** More than any pod has; the agent leaves out the rest. */
export const MAX_POD_ADDRESSES = 256;
/** Of an IPv6 address in text (RFC 4291 §2.2). */
const MAX_ADDRESS_LENGTH = 45;

/** Reads the answer to the question `addresses`. @throws ProtocolError `bad-message` */
export function podAddresses(body: Json): PodAddresses {
  const from = objectOf(body, "answer");
  const addresses = textsField(from, "addresses", {
    maxCount: MAX_POD_ADDRESSES,
    maxLength: MAX_ADDRESS_LENGTH,
  });
  if (addresses.some((address) => ipVersion(address) === 0))
    throw new ProtocolError("bad-message", "what is called an address is none");
  return { addresses };
}
