import {
  dataFrameHeader,
  headersFrames,
  type InjectionLedger,
  type RfcErrorCode,
  rstStreamFrame,
  type SizeUpdateDebt,
  windowUpdateFrame,
} from "../../../http/index.ts";
import type { ClientOutput } from "./client-output.ts";
import { encodeList, type HeaderList } from "./header-list.ts";
import type { FrameSender } from "./response-queue.ts";

/** Frames of stolen streams, put in between those of the app: blocks that need no table, DATA on borrowed credit. */
export class InjectedFrames implements FrameSender {
  readonly #output: ClientOutput;
  readonly #ledger: InjectionLedger;
  readonly #debt: SizeUpdateDebt;

  constructor(parts: { output: ClientOutput; ledger: InjectionLedger; debt: SizeUpdateDebt }) {
    this.#output = parts.output;
    this.#ledger = parts.ledger;
    this.#debt = parts.debt;
  }

  headers(streamId: number, list: HeaderList, endStream: boolean): void {
    this.#output.inject(headersFrames({ streamId, block: encodeList(list, this.#debt.pay()), endStream }));
  }

  data(streamId: number, bytes: Buffer, isLast: boolean): number {
    const length = this.#ledger.borrow(bytes.length);
    if (length === 0 && bytes.length > 0) return 0;
    const endStream = isLast && length === bytes.length;
    this.#output.inject(dataFrameHeader({ streamId, length, endStream }));
    this.#output.inject(bytes.subarray(0, length));
    return length;
  }

  reset(streamId: number, code: RfcErrorCode): void {
    this.#output.inject(rstStreamFrame(streamId, code));
  }

  credit(streamId: number, bytes: number): void {
    if (bytes > 0) this.#output.inject(windowUpdateFrame(streamId, bytes));
  }
}
