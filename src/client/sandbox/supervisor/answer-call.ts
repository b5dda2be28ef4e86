import { closeDescriptor, errnoNumber, type SeccompListener } from "../../../kernel/supervision/index.ts";
import type { HeldCall, Verdict } from "./held-call.ts";

/**
 * Gives a held call its answer. False when nobody waits for it any more; a descriptor that the verdict closes is closed then,
 * too. @throws RangeError for an errno that there is not; the call still waits then
 */
export function answerCall(listener: SeccompListener, call: HeldCall, verdict: Verdict): boolean {
  switch (verdict.as) {
    case "continue":
      return listener.continue(call.id);
    case "value":
      return listener.giveValue(call.id, BigInt(verdict.value));
    case "errno":
      return listener.giveError(call.id, errnoNumber(verdict.errno));
    default:
      return giveDescriptor(listener, call, verdict);
  }
}

/** For a verdict that is not given: what it would have closed is closed. */
export function discardVerdict(verdict: Verdict): void {
  if (verdict.as === "descriptor" && verdict.closes) closeDescriptor(verdict.descriptor);
}

function giveDescriptor(
  listener: SeccompListener,
  call: HeldCall,
  verdict: Verdict & { as: "descriptor" },
): boolean {
  try {
    const { descriptor: fd, closeOnExec, at } = verdict;
    const errno = listener.giveDescriptor(call.id, { fd, closeOnExec, ...(at === undefined ? {} : { at }) });
    return errno === 0 || listener.giveError(call.id, errno);
  } finally {
    discardVerdict(verdict);
  }
}

/** For `--trace`. */
export function describeOutcome(verdict: Verdict): string {
  switch (verdict.as) {
    case "continue":
      return "kernel";
    case "value":
      return String(verdict.value);
    case "errno":
      return verdict.errno;
    default:
      return "a descriptor of ours";
  }
}
