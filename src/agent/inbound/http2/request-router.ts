import {
  type DecodedBlock,
  type HeaderBlock,
  Http2Error,
  type Http2RequestHead,
  readRequestHead,
  RfcErrorCode,
} from "../../../http/index.ts";
import type { PortRoutes, Subscription } from "../../routing/index.ts";
import type { Recording } from "../../trace/index.ts";
import { Copies } from "../copies/copies.ts";
import type { Link } from "../link.ts";
import { recordRequest } from "../record-request.ts";
import type { ClientFrames } from "./client-frames.ts";
import type { Farewell } from "./farewell.ts";
import { encodeList, listOf } from "./header-list.ts";
import type { InjectedFrames } from "./injected-frames.ts";
import type { OriginalFrames } from "./original-frames.ts";
import type { OriginalPresence } from "./original-presence.ts";
import type { StolenStreams } from "./stolen-streams.ts";
import type { StreamTable } from "./stream-table.ts";

/** Streams of the app that are followed at a time. Servers take 100 to 1,000, and none is known to take so many. */
const MAX_FORWARDED_STREAMS = 32_768;

/** The parts of a conversation that a new stream concerns. */
export interface RouterParts {
  readonly link: Link;
  readonly table: StreamTable;
  readonly frames: InjectedFrames;
  readonly farewell: Farewell;
  readonly stolen: StolenStreams;
  readonly original: OriginalPresence;
  readonly fromClient: ClientFrames;
  readonly fromOriginal: OriginalFrames;
}

/** A request that a decision could be made on. */
interface KnownRequest {
  readonly routes: PortRoutes | undefined;
  readonly head: Http2RequestHead;
  /** The size of its field list. */
  readonly headBytes: number;
  readonly block: HeaderBlock;
  readonly decoded: DecodedBlock;
}

/** Says of each request of an HTTP/2 connection who answers it: the app, a session, or nobody. */
export class RequestRouter {
  readonly #parts: RouterParts;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /**
   * A request has come. `stolen` was offered to a session, `original` is noted as the app's, `refused` was refused, or
   * came behind our GOAWAY.
   *
   * @throws Http2Error `flood`
   */
  route(block: HeaderBlock, decoded: DecodedBlock): "original" | "stolen" | "refused" {
    const { link, farewell, stolen, original, fromClient } = this.#parts;
    const { streamId } = block;
    // What came behind our GOAWAY was never looked at (RFC 9113 §6.8).
    if (original.state === "gone" || farewell.isSaid) return "refused";
    const head = decoded.isTooLarge ? undefined : readRequestHead(decoded.fields);
    if (head === undefined || "malformed" in head) return this.#toOriginal(streamId);
    const headBytes = decoded.listBytes;
    const routes = link.routes();
    const decided = routes?.decide(head, link);
    const chosen = original.state === "leaving" ? undefined : decided;
    const request = { routes, head, headBytes, block, decoded };
    if (routes === undefined || chosen?.readsHttp2 !== true || isUnending(head, block))
      return this.#toOriginal(streamId, request, whyNot(chosen, original));
    if (!stolen.hasRoomFor(headBytes)) {
      this.touch();
      fromClient.count("reset");
      return this.#refuse(streamId);
    }
    const kept = { head: listOf(decoded), body: [], trailers: undefined, isWhole: block.endStream };
    const recording = stolen.begin({ routes, chosen, head, headBytes, streamId, kept });
    if (recording === undefined)
      return this.#toOriginal(streamId, request, "that session was over just then");
    this.#copy(request, { recording, isStolen: true });
    this.touch();
    original.expectSettings();
    return "stolen";
  }

  /** From now on frame by frame, both ways: the streams are not all the original's any more. */
  touch(): void {
    this.#parts.fromClient.touch();
    this.#parts.fromOriginal.touch();
  }

  /** `instead` is why the app has it, should a filter match. */
  #toOriginal(streamId: number, known?: KnownRequest, instead?: string): "original" | "refused" {
    const { link, table, stolen, original } = this.#parts;
    if (original.state === "missing") {
      if (stolen.count > 0) return this.#refuse(streamId);
      link.reset();
      return "refused";
    }
    if (table.forwardedCount >= MAX_FORWARDED_STREAMS)
      throw new Http2Error("flood", "more streams than are followed");
    const recording = known === undefined ? undefined : recordRequest(link, known);
    if (recording?.isProbe === false) recording.instead = instead;
    table.forward(streamId, recording);
    if (known !== undefined) this.#copy(known, { recording, isStolen: false });
    return "original";
  }

  /** Begins copies for those on the port who want one and can read it. */
  #copy(
    { routes, head, block, decoded }: KnownRequest,
    about: { recording: Recording | undefined; isStolen: boolean },
  ): void {
    const mirrors = routes?.mirrors;
    if (mirrors === undefined) return;
    const { link, table } = this.#parts;
    const { streamId, endStream: isWhole } = block;
    const copies = Copies.ofRequest(
      link,
      mirrors.of(head).filter(({ readsHttp2 }) => readsHttp2),
      { kind: "http2", endsWithHead: isWhole, head: () => encodeList(listOf(decoded)), ...about },
    );
    if (copies === undefined) return;
    if (copies.wantAnswer && !table.copied.readsAnswers) this.#tellUnread();
    table.copied.add({ streamId, copies, isWhole, isConnect: head.method === "CONNECT" });
  }

  #tellUnread(): void {
    const { link } = this.#parts;
    const text = `port ${link.original.port}: a connection of HTTP/2 was there before, its answers cannot be read`;
    for (const { mirror, tellOnce } of link.routes()?.mirrors?.all ?? [])
      if (mirror?.terms.answers === true) tellOnce("answers-unread", text);
  }

  #refuse(streamId: number): "refused" {
    this.touch();
    this.#parts.frames.reset(streamId, RfcErrorCode.refusedStream);
    this.#parts.stolen.pumpSoon();
    return "refused";
  }
}

/** Why the app has a request, should a filter match. */
function whyNot(chosen: Subscription | undefined, { state }: OriginalPresence): string {
  if (state === "leaving") return "the app was about to end the connection";
  if (chosen?.readsHttp2 === false) return "that session cannot be given single streams of HTTP/2";
  return "it announces a body that is not there";
}

/** RFC 9113 §8.1.1: a body that is announced and not there; the app will refuse it. */
function isUnending(head: Http2RequestHead, block: HeaderBlock): boolean {
  return block.endStream && (head.contentLength ?? 0) > 0 && head.method !== "CONNECT";
}
