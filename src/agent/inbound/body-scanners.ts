import { BodyScanner, type Framing, NO_BODY } from "../../http/index.ts";

/** Follows a body that is not there. It has no state, so one serves all. */
export const NO_BODY_SCANNER = new BodyScanner(NO_BODY);

/** What follows a body of this framing. */
export function scannerFor(framing: Framing): BodyScanner {
  return framing.kind === "none" ? NO_BODY_SCANNER : new BodyScanner(framing);
}
