/** How many subscriptions are named in a reason; the rest is only counted. */
const MAX_NAMED = 3;

/** What the filters that were asked about one request say, in their order. */
export interface AskedSentences {
  /** One of each that is explained. */
  readonly sentences: readonly string[];
  /** The last one took it. */
  readonly isTaken: boolean;
  /** So many more do not match. */
  readonly unexplained: number;
}

/** One sentence that says why a request went where it went. */
export function reasonOf({ sentences, isTaken, unexplained }: AskedSentences): string {
  const last = sentences.at(-1);
  if (isTaken && last !== undefined) return last;
  if (sentences.length + unexplained === 0) return "nobody steals on this port";
  const named = sentences.slice(0, MAX_NAMED);
  const unnamed = sentences.length - named.length + unexplained;
  if (unnamed > 0) named.push(`and ${unnamed} other filters do not match`);
  return named.join("; ");
}
