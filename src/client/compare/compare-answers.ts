import type { Answer, ComparedRequest, FieldPair } from "./answer.ts";
import { compareBodies } from "./compare-bodies.ts";
import { compareFields } from "./compare-fields.ts";
import { both, type ComparingTools, type Pair } from "./comparing-tools.ts";
import { DifferenceList, type Found } from "./difference-list.ts";
import type { BodyKind, Comparison, IncomparableCode } from "./difference.ts";
import { HidingRules } from "./hiding-rules.ts";
import type { IgnoreRule } from "./ignore-rule.ts";
import { mediaTypeOf } from "./media-type.ts";
import { Secrets } from "./secrets.ts";

/** What is compared, and how. */
export interface CompareOptions {
  readonly request: ComparedRequest;
  readonly original: Answer;
  readonly local: Answer;
  /** The user's rules, in the order in which they were given. Each costs time at every field, line and message. */
  readonly ignore?: readonly IgnoreRule[];
  /** What `NoiseLearner.noiseOf` knows of the route. */
  readonly noise?: readonly IgnoreRule[];
  /** Shows values; without it the names of `maskedByDefault` are masked. */
  readonly secrets?: Secrets;
  /** How many differences are listed, a fifth of them of one general place; `limits.listedDifferences` unless it is said. */
  readonly listedDifferences?: number;
  /** Is told of every difference that counts, listed or not. */
  readonly observe?: (found: Found) => void;
}

const maxNotes = 20;

/**
 * Compares the original's answer with the local one: status, headers, body, trailers. Never throws, whatever the answers
 * are, and takes bounded time and memory. Symmetric: swapped answers give the same differences swapped.
 */
export function compareAnswers(options: CompareOptions): Comparison {
  const { original, local } = options;
  const notes: string[] = [];
  const tools: ComparingTools = {
    rules: new HidingRules({ ignore: options.ignore ?? [], noise: options.noise ?? [] }),
    secrets: options.secrets ?? new Secrets(),
    list: new DifferenceList({ most: options.listedDifferences, observe: options.observe }),
    note: (text) => void (notes.length < maxNotes && !notes.includes(text) && notes.push(text)),
  };
  const incomparable = endings({ original, local });
  let bodyKind: BodyKind = "unread";
  if (original.end.how !== "none" && local.end.how !== "none") {
    compareStatus({ original, local }, tools);
    const answers = both({ original, local }, withGrpcTrailers);
    compareFields(
      both(answers, ({ headers }) => headers),
      { of: "header", leftOut: framing(options) },
      tools,
    );
    if (incomparable.length === 0) {
      const bodies = compareBodies(answers, tools);
      bodyKind = bodies.kind;
      if (bodies.isTooLarge)
        incomparable.push({
          code: "body-too-large",
          text: "the bodies differ and are too large to be looked into",
        });
      compareFields(
        both(answers, ({ trailers }) => trailers),
        { of: "trailer", leftOut: new Set() },
        tools,
      );
    }
  }
  if (tools.list.isFull) tools.note("there are more differences than are counted");
  const counts = tools.list.counts;
  const verdict = counts.differences > 0 ? "differs" : incomparable.length > 0 ? "incomparable" : "same";
  const { listed: differences, hidden } = tools.list;
  const timing = both({ original, local }, timesOf);
  return { verdict, incomparable, differences, hidden, counts, bodyKind, notes, timing };
}

/** An answer of the original is seen as a copy only: that none came does not say that there was none. */
const missing = {
  original: "no answer of the original was seen",
  local: "the local program did not answer",
} as const;

/** Why a part of the answers, or all of them, cannot be compared. */
function endings(answers: Pair<Answer>): { code: IncomparableCode; text: string }[] {
  const found: { code: IncomparableCode; text: string }[] = [];
  for (const side of ["original", "local"] as const) {
    const { end } = answers[side];
    if (end.how === "none") found.push({ code: `${side}-none`, text: `${missing[side]}: ${end.reason}` });
    if (end.how === "cut")
      found.push({ code: `${side}-cut`, text: `the ${side} answer broke off: ${end.reason}` });
  }
  return found;
}

function compareStatus(answers: Pair<Answer>, tools: ComparingTools): void {
  if (answers.original.status === answers.local.status) return;
  tools.list.add({
    kind: "changed",
    place: { at: "status" },
    original: () => String(answers.original.status),
    local: () => String(answers.local.status),
    rule: tools.rules.status(),
  });
}

/** A length says no more than the body does, unless there is none to look at (RFC 9110 §8.6). */
function framing({ request, original, local }: CompareOptions): ReadonlySet<string> {
  const isWithoutBody = request.method === "HEAD" || (original.status === 304 && local.status === 304);
  return new Set(isWithoutBody ? [] : ["content-length"]);
}

/** A gRPC answer without messages may have its trailers in its head ("Trailers-Only"), which means the same. */
function withGrpcTrailers(answer: Answer): Answer {
  const isGrpc = mediaTypeOf(answer.headers).kind === "grpc";
  if (!isGrpc || answer.trailers.length > 0 || answer.body.totalBytes > 0) return answer;
  const isTrailer = ([name]: FieldPair) => /^grpc-(?:status|message|status-details-bin)$/i.test(name);
  return {
    ...answer,
    headers: answer.headers.filter((field) => !isTrailer(field)),
    trailers: answer.headers.filter(isTrailer),
  };
}

/** How long something took that did not become an answer is no time of an answer. */
function timesOf({ end, firstByteMs, totalMs }: Answer): { firstByteMs?: number; totalMs?: number } {
  return {
    ...(firstByteMs === undefined ? {} : { firstByteMs }),
    ...(totalMs === undefined || end.how !== "complete" ? {} : { totalMs }),
  };
}
