import { createServer, type Http2Session } from "node:http2";
import { type Duplex, duplexPair } from "node:stream";
import { FrameDecoder, FrameFlag, FrameType, readGoaway } from "../../../src/http/index.ts";

/** What a server of `node:http2` (nghttp2 inside) makes of a client's raw bytes. */
export interface NodeVerdict {
  /** The code of its GOAWAY; undefined when it sent none. */
  readonly goaway: number | undefined;
  /** How many PINGs it answered before that. */
  readonly pings: number;
  /** The stream that its GOAWAY names: the highest whose HEADERS it began to read. */
  readonly lastStreamId: number | undefined;
  /** The field lists of the requests it took, names and values in turn, by stream. */
  readonly lists: ReadonlyMap<number, readonly string[]>;
}

/** Asks `node:http2` for its opinion. */
export const NodeJudge = {
  /**
   * Lets a new server hear `bytes`, preface included, which end in as many PINGs as `pings` says.
   * Resolves when it answered the last of them, sent GOAWAY, or closed.
   */
  async hear(bytes: Buffer, { pings = 1 }: { pings?: number } = {}): Promise<NodeVerdict> {
    const [socket, side] = duplexPair();
    const lists = new Map<number, readonly string[]>();
    const server = createServer();
    const sessions: Http2Session[] = [];
    server.on("session", (session) => sessions.push(session));
    // What it thinks of its client is in what it sends.
    server.on("sessionError", () => {});
    server.on("stream", (stream, _headers, _flags, raw: unknown) => {
      stream.on("error", () => {});
      if (Array.isArray(raw)) lists.set(stream.id ?? 0, raw.map(String));
    });
    const answer = listen(side, pings);
    server.emit("connection", socket);
    side.write(bytes);
    try {
      return { ...(await answer), lists };
    } finally {
      for (const session of sessions) session.destroy();
      side.destroy();
      server.close();
    }
  },
};

type Heard = Omit<NodeVerdict, "lists">;

async function listen(side: Duplex, wanted: number): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<Heard>();
  let pings = 0;
  const quiet = () => resolve({ goaway: undefined, lastStreamId: undefined, pings });
  const decoder = new FrameDecoder({
    onFrame(frame) {
      if (frame.type === FrameType.goaway) {
        const { code, lastStreamId } = readGoaway(frame);
        resolve({ goaway: code, lastStreamId, pings });
      }
      if (frame.type === FrameType.ping && (frame.flags & FrameFlag.ack) !== 0 && ++pings === wanted) quiet();
    },
    onData() {},
  });
  side.on("data", (chunk: Buffer) => decoder.push(chunk));
  side.once("close", quiet);
  side.once("end", quiet);
  return promise;
}
