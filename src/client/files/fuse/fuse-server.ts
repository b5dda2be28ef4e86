import { FilesError } from "../files-error.ts";
import { decodeFuseRequest } from "./decode-fuse-request.ts";
import { answerFuse } from "./fuse-operations.ts";
import { fuseError, fuseInit, fuseReply } from "./fuse-reply.ts";
import type { FuseAsk, FuseRequest } from "./fuse-request.ts";
import { InterruptedRequests } from "./interrupted-requests.ts";
import type { MountedTree } from "./mounted-tree.ts";

/** Largest write, and largest read: what the agent takes at once. */
export const MAX_WRITE_BYTES = 1024 * 1024;
const PAGE_BYTES = 4096;
/** Requests for which nobody waits, such as reading ahead, that the kernel may have under way. */
const MAX_BACKGROUND = 64;
const MAJOR = 7;
/** What linux/fuse.h was read for. An older kernel's is used instead. */
const MINOR = 38;
/** FUSE_*: ASYNC_READ, ATOMIC_O_TRUNC, BIG_WRITES, AUTO_INVAL_DATA, DO_READDIRPLUS, READDIRPLUS_AUTO, ASYNC_DIO, PARALLEL_DIROPS, MAX_PAGES */
const WANTED = 0x1 | 0x8 | 0x20 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x40000 | 0x400000;

/**
 * Answers the kernel's requests about one mount. It never waits for anything but the pod, and in particular not for libuv's
 * pool, whose threads may all be waiting for the mount.
 */
export class FuseServer {
  readonly #tree: MountedTree;
  readonly #reply: (parts: readonly Buffer[]) => void;
  readonly #onDone: (bytes: number) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #underWay = new Map<number, { readonly pid: number; readonly giveUp: AbortController }>();
  readonly #interrupted: InterruptedRequests;
  #isClosed = false;

  constructor(options: {
    tree: MountedTree;
    /** Gives the kernel an answer, at once. */
    reply: (parts: readonly Buffer[]) => void;
    /** A request of so many bytes has been dealt with. */
    onDone: (bytes: number) => void;
    /** Told of what should not happen; the request was answered with EIO. */
    onFault: (error: unknown) => void;
  }) {
    this.#tree = options.tree;
    // Behind `close` the number of the device's descriptor may be another one's.
    this.#reply = (parts) => {
      if (!this.#isClosed) options.reply(parts);
    };
    this.#onDone = options.onDone;
    this.#onFault = options.onFault;
    this.#interrupted = new InterruptedRequests({
      giveUp: (unique) => this.#underWay.get(unique)?.giveUp.abort(),
    });
  }

  /** Takes one request, as it came from the device. The bytes belong to it from here on. */
  take(bytes: Buffer): void {
    void this.#take(bytes).then(() => this.#onDone(bytes.length));
  }

  /** Never rejects. */
  async #take(bytes: Buffer): Promise<void> {
    let request: FuseRequest;
    try {
      request = decodeFuseRequest(bytes);
    } catch (error) {
      this.#onFault(error);
      return this.#reply([fuseError(uniqueOf(bytes), "EIO")]);
    }
    const { unique, ask } = request;
    switch (ask.op) {
      case "forget":
        for (const { node, lookups } of ask.nodes) this.#tree.nodes.forget(node, lookups);
        return;
      case "interrupt":
        return this.#interrupt(ask.request);
      case "init":
        return this.#reply(initReply(unique, ask));
      case "destroy":
        return this.#reply(fuseReply(unique, []));
      default:
        return await this.#answer(request);
    }
  }

  /** Nothing waits any more, and nothing is answered: the device is about to be closed. Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    this.#interrupted.close();
    for (const { giveUp } of this.#underWay.values()) giveUp.abort();
  }

  #interrupt(unique: number): void {
    const request = this.#underWay.get(unique);
    // One that is not under way was answered meanwhile.
    if (request !== undefined) this.#interrupted.add(unique, request.pid);
  }

  /** Never rejects. */
  async #answer({ unique, node: id, pid, ask }: FuseRequest): Promise<void> {
    const giveUp = new AbortController();
    this.#underWay.set(unique, { pid, giveUp });
    const { signal } = giveUp;
    let parts: readonly Buffer[];
    try {
      const node = this.#tree.node(id);
      parts = fuseReply(unique, await answerFuse({ tree: this.#tree, node, signal }, ask));
    } catch (error) {
      if (!(error instanceof FilesError)) this.#onFault(error);
      parts = [fuseError(unique, error instanceof FilesError ? error.errno : "EIO")];
    }
    this.#underWay.delete(unique);
    this.#interrupted.delete(unique);
    this.#reply(parts);
  }
}

function initReply(unique: number, ask: Extract<FuseAsk, { op: "init" }>): Buffer[] {
  // Of a kernel that is ahead it is expected to ask once more, for this version; of one that is behind there are none.
  const init = fuseInit({
    minor: Math.min(ask.minor, MINOR),
    maxReadAhead: ask.maxReadAhead,
    flags: ask.flags & WANTED,
    maxBackground: MAX_BACKGROUND,
    maxWriteBytes: MAX_WRITE_BYTES,
    maxPages: MAX_WRITE_BYTES / PAGE_BYTES,
  });
  return ask.major < MAJOR ? [fuseError(unique, "EPROTO")] : fuseReply(unique, [init]);
}

function uniqueOf(bytes: Buffer): number {
  return bytes.length < 16 ? 0 : bytes.readUInt32LE(8) + bytes.readUInt32LE(12) * 2 ** 32;
}
