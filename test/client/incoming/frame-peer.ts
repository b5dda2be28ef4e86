import {
  applySettings,
  CLIENT_PREFACE,
  dataFrameHeader,
  encodePlain,
  FrameDecoder,
  FrameFlag,
  FrameType,
  type HeaderPair,
  headersFrames,
  HpackDecoder,
  INITIAL_SETTINGS,
  readSettings,
  type Setting,
  settingsAckFrame,
  settingsFrame,
} from "../../../src/http/index.ts";
import type { LocalApp, LocalPeer } from "./local-app.ts";

/** What the client lets the server send: stream windows as its SETTINGS and WINDOW_UPDATEs have said. */
export class SendWindows {
  readonly #bytes = new Map<number, number>();
  initialBytes = 65_535;
  onGrant: () => void = () => undefined;

  of(streamId: number): number {
    const connection = this.#bytes.get(0) ?? 65_535;
    return streamId === 0 ? connection : Math.min(this.#of(streamId), connection);
  }

  take(streamId: number, bytes: number): void {
    this.#bytes.set(streamId, this.#of(streamId) - bytes);
    this.#bytes.set(0, (this.#bytes.get(0) ?? 65_535) - bytes);
  }

  grant(streamId: number, bytes: number): void {
    const before = streamId === 0 ? (this.#bytes.get(0) ?? 65_535) : this.#of(streamId);
    this.#bytes.set(streamId, before + bytes);
    this.onGrant();
  }

  #of(streamId: number): number {
    return this.#bytes.get(streamId) ?? this.initialBytes;
  }
}

/** A server of HTTP/2 that a test plays frame by frame, on one connection. */
export class FramePeer {
  readonly peer: LocalPeer;
  /** `headers 1 GET / end`, `data 1 5 end`, `rst 1 8`, `goaway 0`; SETTINGS and WINDOW_UPDATE are left out. */
  readonly frames: string[] = [];
  /** DATA of all streams, in bytes. */
  dataBytes = 0;
  readonly windows = new SendWindows();
  readonly #hpack = new HpackDecoder({
    maxListBytes: 1_000_000,
    maxTableBytes: INITIAL_SETTINGS.headerTableBytes,
  });

  private constructor(peer: LocalPeer) {
    this.peer = peer;
    const decoder = new FrameDecoder({
      onFrame: (frame) => {
        const { streamId, flags, bytes, payloadStart, end } = frame;
        const isEnd = (flags & FrameFlag.endStream) !== 0 ? " end" : "";
        if (frame.type === FrameType.headers) {
          const { fields } = this.#hpack.decode(bytes.subarray(payloadStart, end));
          const text = fields.map(({ name, value }) => (name.startsWith(":") ? value : `${name}: ${value}`));
          this.frames.push(`headers ${streamId} ${text.join(" ")}${isEnd}`);
        } else if (frame.type === FrameType.rstStream)
          this.frames.push(`rst ${streamId} ${bytes.readUInt32BE(payloadStart)}`);
        else if (frame.type === FrameType.goaway)
          this.frames.push(`goaway ${bytes.readUInt32BE(payloadStart + 4)}`);
        else if (frame.type === FrameType.windowUpdate)
          this.windows.grant(streamId, bytes.readUInt32BE(payloadStart));
        else if (frame.type === FrameType.settings && (flags & FrameFlag.ack) === 0) {
          this.windows.initialBytes = applySettings(
            INITIAL_SETTINGS,
            readSettings(frame),
            "client",
          ).initialWindowBytes;
          this.write(settingsAckFrame());
        }
      },
      onData: (piece) => {
        this.dataBytes += piece.dataEnd - piece.dataStart;
        if (!piece.isLast) return;
        const isEnd = (piece.flags & FrameFlag.endStream) !== 0 ? " end" : "";
        this.frames.push(`data ${piece.streamId} ${piece.payloadBytes}${isEnd}`);
      },
    });
    let left = CLIENT_PREFACE.length;
    const read = (chunk: Buffer): void => {
      const skipped = Math.min(left, chunk.length);
      left -= skipped;
      decoder.push(chunk.subarray(skipped));
    };
    if (peer.text !== "") read(Buffer.from(peer.text, "latin1"));
    // In front of the peer's own listener, which wakes who waits.
    peer.socket.prependListener("data", read);
  }

  /** Takes the next connection and says SETTINGS. */
  static async accept(app: LocalApp, settings: readonly Setting[] = []): Promise<FramePeer> {
    const peer = await app.next();
    // First of all, even where the client's frames are there already.
    peer.socket.write(settingsFrame(settings));
    return new FramePeer(peer);
  }

  write(...bytes: readonly Buffer[]): void {
    this.peer.socket.write(Buffer.concat(bytes));
  }

  /** Waits for a frame that begins so, and gives it. */
  async frame(start: string): Promise<string> {
    await this.peer.until(() => this.frames.some((frame) => frame.startsWith(start)));
    return this.frames.find((frame) => frame.startsWith(start)) ?? "";
  }

  head(streamId: number, pairs: readonly HeaderPair[], options: { endStream?: boolean } = {}): void {
    this.write(headersFrames({ streamId, block: encodePlain(pairs), ...options }));
  }

  data(streamId: number, text: string | Buffer, options: { endStream?: boolean } = {}): void {
    const bytes = Buffer.from(text);
    const header = dataFrameHeader({ streamId, length: bytes.length, endStream: options.endStream ?? false });
    this.write(header, bytes);
  }
}
