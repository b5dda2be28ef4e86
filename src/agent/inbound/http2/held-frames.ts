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
 * overtake it: header blocks (RFC 7541 §2.2: in order) and acknowledgements of settings that bear on them. What of it is
 * DATA is bounded by what the ledger lent; for the rest the original must be read no further when {@link bytes} are many:
 * a client that gives no window can ask for as many answers without a body as it likes.
 */
export class HeldFrames {
  readonly #ledger: InjectionLedger;
  readonly #sink: HeldSink;
  #held: Held[] = [];
  #bytes = 0;
  #arriving: (Held & { kind: "data" }) | undefined;

  constructor(ledger: InjectionLedger, sink: HeldSink) {
    this.#ledger = ledger;
    this.#sink = sink;
  }

  /** What is held, and what it costs to hold it. */
  get bytes(): number {
    return this.#bytes;
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
      this.#hold(this.#arriving);
    } else if (this.#arriving !== undefined) {
      this.#arriving.pieces.push(bytes);
      this.#arriving.isWhole = piece.isLast;
    }
    if (!piece.isLast) return;
    this.#arriving = undefined;
    this.release();
  }

  holdBlock(block: HeaderBlock): void {
    this.#hold({ kind: "block", block: block.copy() });
  }

  holdControl(streamId: number, frame: Buffer): void {
    this.#hold({ kind: "control", streamId, frame: Buffer.from(frame) });
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
      this.#bytes -= bytesOf(held);
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
      this.#bytes -= bytesOf(held);
      count++;
    }
    if (count > 0) this.#held.splice(0, count);
  }

  #hold(held: Held): void {
    this.#held.push(held);
    this.#bytes += bytesOf(held);
  }
}

/** A frame of nine bytes costs more to keep than nine bytes. */
const HELD_OVERHEAD_BYTES = 512;

function bytesOf(held: Held): number {
  if (held.kind === "data") return held.payloadBytes + HELD_OVERHEAD_BYTES;
  return (held.kind === "block" ? held.block.block.length * 2 : held.frame.length) + HELD_OVERHEAD_BYTES;
}
