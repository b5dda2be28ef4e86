import type { OpeningMeta } from "../../../protocol/index.ts";
import type { Subscription } from "../../routing/index.ts";
import type { Recording, TracedMirror } from "../../trace/index.ts";
import type { Link } from "../link.ts";
import { Copy } from "./copy.ts";
import { newCopyFact, notCopied } from "./copy-fact.ts";

/** An exchange, or a connection, as its copies begin. */
export interface Copied {
  readonly kind: OpeningMeta["kind"];
  readonly endsWithHead?: boolean;
  /** Made when somebody gets one. */
  readonly head: () => Buffer;
}

/** A request, or a connection, and what is remembered of it. */
export interface CopiedRequest extends Copied {
  /** A session is to answer it: whoever compares has nothing to wait for. */
  readonly isStolen: boolean;
  readonly recording: Recording | undefined;
}

/** The copies of one request, or of its answer, one for each session that has one: what is said is said to all of them. */
export class Copies {
  /** All copies of an exchange have the same one, and so has whoever answers it. */
  readonly #requestId: string;
  readonly #link: Link;
  readonly #copies: readonly Copy[];
  #isWanted = true;
  #hasTrailers = false;

  private constructor(link: Link, requestId: string, copies: readonly Copy[]) {
    this.#link = link;
    this.#requestId = requestId;
    this.#copies = copies;
  }

  /**
   * Begins copies for those `mirrors` that take this one. Gives undefined when nobody gets any. What becomes of each is
   * remembered with the request.
   */
  static ofRequest(
    link: Link,
    mirrors: readonly Subscription[],
    { kind, endsWithHead = false, isStolen, head, recording }: CopiedRequest,
  ): Copies | undefined {
    const copy = isStolen ? "stolen-request" : "request";
    let requestId = "";
    let raw: Buffer | undefined;
    let facts: readonly TracedMirror[] | undefined;
    const copies: Copy[] = [];
    for (const subscription of mirrors) {
      const refusal =
        subscription.mirror?.takes() === true ? Copy.refusalOf(subscription, "request") : "skipped";
      if (refusal !== undefined) {
        facts = together(facts, notCopied(subscription, refusal));
        continue;
      }
      const fact = newCopyFact(subscription);
      facts = together(facts, [fact]);
      requestId ||= recording?.requestId ?? "";
      raw ??= head();
      const offer = { copy, kind, endsWithHead, requestId, head: raw } as const;
      const begun = Copy.begin(subscription, { link, offer, fact });
      if (begun === undefined) continue;
      fact.isBegun = true;
      copies.push(begun);
    }
    if (facts !== undefined) recording?.mirrored(facts);
    return copies.length === 0 ? undefined : new Copies(link, requestId, copies);
  }

  /** Begins copies of the answer, for those who want one and have the request. */
  ofAnswer({ kind, endsWithHead = false, head }: Copied): Copies | undefined {
    const takers = this.#copies.filter(({ subscription, isGood }) => {
      const isTaken = isGood && subscription.mirror?.terms.answers === true;
      return isTaken && Copy.refusalOf(subscription, "answer") === undefined;
    });
    if (takers.length === 0) return undefined;
    const requestId = this.#requestId;
    const offer = { copy: "answer", kind, endsWithHead, requestId, head: head() } as const;
    const copies = takers.flatMap(
      ({ subscription }) => Copy.begin(subscription, { link: this.#link, offer }) ?? [],
    );
    return copies.length === 0 ? undefined : new Copies(this.#link, requestId, copies);
  }

  /** Somebody wants a copy of the answer, too. */
  get wantAnswer(): boolean {
    return this.#copies.some(({ subscription }) => subscription.mirror?.terms.answers === true);
  }

  /** Somebody takes more; when nobody does, nothing need be read for them. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Content, `bytes[from, to)`, valid during the call only. */
  content(bytes: Buffer, from: number, to: number): void {
    if (this.#isWanted && to > from) this.piece(Buffer.from(bytes.subarray(from, to)));
  }

  /** Content that nobody changes any more. */
  piece(bytes: Buffer): void {
    if (!this.#isWanted) return;
    for (const copy of this.#copies) copy.write(bytes);
    this.#isWanted = this.#copies.some(({ isOpen }) => isOpen);
  }

  /** In the form that the kind names; empty ones say only that the content ends here. They are said once. */
  trailers(bytes: Buffer): void {
    if (this.#hasTrailers) return;
    this.#hasTrailers = true;
    for (const copy of this.#copies) copy.trailers(bytes);
  }

  /** All is said. */
  end(): void {
    this.#isWanted = false;
    for (const copy of this.#copies) copy.end();
  }

  /** There will be no more of it than was said. */
  cut(why: string): void {
    this.#isWanted = false;
    for (const copy of this.#copies) copy.cut(why);
  }
}

/** The second list as it is, where it is the only one. */
function together(
  one: readonly TracedMirror[] | undefined,
  other: readonly TracedMirror[],
): readonly TracedMirror[] {
  return one === undefined ? other : [...one, ...other];
}
