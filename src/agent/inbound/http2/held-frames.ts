import type { DataPiece, HeaderBlock, InjectionLedger } from "../../../http/index.ts";

/** A frame of the original that waits for the client's connection window, or behind one that does. */
type Held =
  | {
      readonly kind: "data";
      readonly streamId: number;
      readonly payloadBytes: number;
      readonly pieces: Buffer[];
      isWhole: boolean;
    }
  | { readonly kind: "block"; readonly block: HeaderBlock }
  | { readonly kind: "control"; readonly streamId: number; readonly frame: Buffer };

/** Who takes what may go on. */
export interface HeldSink {
  data(bytes: Buffer): void;
  block(block: HeaderBlock): void;
  control(frame: Buffer): void;
}

/**
 * DATA of the original that the client's window does not allow for, since stolen streams used it, and all that must not
 * overtake it: header blocks (RFC 7541 §2.2: in order) and acknowledgements of settings that bear on them. Bounded by
 * what the ledger lent.
 */
export class HeldFrames {
  readonly #ledger: InjectionLedger;
  readonly #sink: HeldSink;
  #held: Held[] = [];
  #arriving: (Held & { kind: "data" }) | undefined;

  constructor(ledger: InjectionLedger, sink: HeldSink) {
    this.#ledger = ledger;
    this.#sink = sink;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** Takes a piece of DATA that the ledger did not let pass. */
  holdData(piece: DataPiece): void {
    const bytes = Buffer.from(piece.bytes.subarray(piece.start, piece.end));
    if (piece.isFirst) {
      const { streamId, payloadBytes } = piece;
      this.#arriving = { kind: "data", streamId, payloadBytes, pieces: [bytes], isWhole: piece.isLast };
      this.#held.push(this.#arriving);
    } else if (this.#arriving !== undefined) {
      this.#arriving.pieces.push(bytes);
      this.#arriving.isWhole = piece.isLast;
    }
    if (!piece.isLast) return;
    this.#arriving = undefined;
    this.release();
  }

  holdBlock(block: HeaderBlock): void {
    this.#held.push({ kind: "block", block: block.copy() });
  }

  holdControl(streamId: number, frame: Buffer): void {
    this.#held.push({ kind: "control", streamId, frame: Buffer.from(frame) });
  }

  /** A header block of this stream waits, so that a reset of it must wait behind. */
  hasBlock(streamId: number): boolean {
    return this.#held.some((held) => held.kind === "block" && held.block.streamId === streamId);
  }

  /** The stream was reset: nobody wants its DATA any more. */
  drop(streamId: number): void {
    if (this.isEmpty) return;
    this.#held = this.#held.filter((held) => {
      if (held.kind !== "data" || held.streamId !== streamId) return true;
      this.#ledger.drop(held.payloadBytes);
      return false;
    });
    this.release();
  }

  /** Lets go what the window allows for now. */
  release(): void {
    let count = 0;
    for (const held of this.#held) {
      if (held.kind === "data") {
        if (!held.isWhole || !this.#ledger.release(held.payloadBytes)) break;
        for (const piece of held.pieces) this.#sink.data(piece);
      } else if (held.kind === "block") this.#sink.block(held.block);
      else this.#sink.control(held.frame);
      count++;
    }
    if (count > 0) this.#held.splice(0, count);
  }
}
