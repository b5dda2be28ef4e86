import { networkInterfaces } from "node:os";
import { MAX_POD_ADDRESSES, type PodAddresses } from "../../protocol/index.ts";
import type { Asker } from "./asker.ts";

/** Tells the pod's own addresses, in the order of its devices. */
export function answerAddresses(asker: Asker): void {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const addresses = all
    // What has a zone means something on one link only (RFC 4007).
    .filter((entry) => !entry.internal && !("scopeid" in entry && entry.scopeid !== 0))
    .map(({ address }) => address);
  const answer: PodAddresses = { addresses: addresses.slice(0, MAX_POD_ADDRESSES) };
  asker.finish(answer);
}
