import type { AskedFilter } from "../../protocol/index.ts";

/** How many subscriptions are named in a reason; the rest is only counted. */
const MAX_NAMED = 3;

/** One sentence that says why a request went where it went, of the filters that were asked, in their order. */
export function reasonOf(asked: readonly AskedFilter[], unexplained = 0): string {
  // Whoever matches is asked last.
  const last = asked.at(-1);
  if (last?.matches === true) return because(last);
  if (asked.length + unexplained === 0) return "nobody steals on this port";
  const named = asked.slice(0, MAX_NAMED);
  const unnamed = asked.length - named.length + unexplained;
  const sentences = named.map(because);
  if (unnamed > 0) sentences.push(`and ${unnamed} other filters do not match`);
  return sentences.join("; ");
}

function because({ because: sentence, session, name }: AskedFilter): string {
  return `${sentence} (session ${session}, ${name})`;
}
