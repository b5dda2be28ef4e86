import { EventEmitter, once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { encodePlain, type HeaderPair } from "../../../src/http/index.ts";
import { encodeStreamHead, type OpeningMeta } from "../../../src/protocol/index.ts";
import type { IgnoreRule } from "../../../src/client/compare/index.ts";
import { type ComparedExchange, Comparing } from "../../../src/client/mirror/comparing.ts";
import { askOriginalVia } from "../../../src/client/mirror/ask-original.ts";
import type { CopyEnd } from "../../../src/client/mirror/copy-delivery.ts";
import { CopyReceiver } from "../../../src/client/mirror/copy-receiver.ts";
import { encodeClientOpening } from "../../../src/protocol/index.ts";
import { FakeAgent, type StolenExchange } from "../incoming/fake-agent.ts";

/** A mirror with an agent that the test plays, and what came of its copies. */
export class Mirrored implements AsyncDisposable {
  readonly agent: FakeAgent;
  readonly ends: CopyEnd[] = [];
  readonly compared: ComparedExchange[] = [];
  readonly comparing: Comparing;
  unfinished = 0;
  stolen = 0;
  readonly #changes = new EventEmitter();

  constructor(options: {
    port: number;
    answerTimeoutMs?: number;
    ignore?: readonly IgnoreRule[];
    /** Takes what asks the app; without it the app is not asked. */
    onClientStream?: ConstructorParameters<typeof FakeAgent>[0]["onClientStream"];
    protocol?: "auto" | "http1" | "http2";
  }) {
    const { answerTimeoutMs = 10_000, ignore = [], onClientStream } = options;
    let openStream: Parameters<typeof askOriginalVia>[0] | undefined;
    this.comparing = new Comparing({
      plan: { ignore, learns: onClientStream !== undefined, maxDifferences: 10, report: undefined },
      ask: askOriginalVia((opening, events) => {
        if (openStream === undefined) throw new Error("no session");
        return openStream(opening, events);
      }),
      onCompared: (exchange) => {
        this.compared.push(exchange);
        this.#changes.emit("compared");
      },
    });
    this.agent = new FakeAgent({
      port: options.port,
      speech: { protocol: options.protocol ?? "auto" },
      ...(onClientStream === undefined ? {} : { onClientStream }),
      receiverFor: ({ incoming, open }) => {
        openStream = (opening, events) => open(encodeClientOpening(opening), events);
        const onEnd = (end: CopyEnd): void => void this.ends.push(end);
        const onUnfinished = (count: number): void => void (this.unfinished += count);
        return new CopyReceiver({
          incoming,
          answerTimeoutMs,
          comparing: this.comparing,
          onEnd,
          onUnfinished,
          onStolen: () => void this.stolen++,
        });
      },
    });
  }

  /** The copy of a request that is all in its head; END is the test's, for one with content. */
  copy(head: string | Buffer, meta: Partial<OpeningMeta> & { requestId: string }): StolenExchange {
    return this.agent.steal(head, { copy: "request", ...meta });
  }

  /** The copy of a whole request without content. */
  wholeCopy(head: string | Buffer, meta: Partial<OpeningMeta> & { requestId: string }): StolenExchange {
    const copy = this.copy(head, { endsWithHead: meta.kind === "http2", ...meta });
    copy.stream?.end();
    return copy;
  }

  /** The copy of a whole answer of the app. */
  answer(head: string, about: { requestId: string; content?: string; trailers?: string }): StolenExchange {
    const { requestId, content = "", trailers } = about;
    const answer = this.agent.steal(head, { copy: "answer", requestId });
    if (content !== "") answer.stream?.write(Buffer.from(content));
    if (trailers !== undefined) answer.trailers(trailers);
    answer.stream?.end();
    return answer;
  }

  /** The same in HTTP/2. */
  answer2(
    fields: readonly HeaderPair[],
    about: { requestId: string; content?: Buffer; trailers?: readonly HeaderPair[] },
  ): StolenExchange {
    const { requestId, content, trailers } = about;
    const answer = this.agent.steal(encodePlain(fields), { copy: "answer", kind: "http2", requestId });
    if (content !== undefined) answer.stream?.write(content);
    if (trailers !== undefined) answer.stream?.sendHead(encodeStreamHead("trailers", encodePlain(trailers)));
    answer.stream?.end();
    return answer;
  }

  /** Waits until so many exchanges are compared, and nothing is under way. */
  async settled({ compared = 0 }: { compared?: number } = {}): Promise<void> {
    while (this.compared.length < compared) await once(this.#changes, "compared");
    await this.agent.receiver.settled({ signal: AbortSignal.timeout(20_000) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]();
  }
}

/** An HTTP/1.1 server on loopback. */
export async function serve(listener: RequestListener): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    port: (server.address() as AddressInfo).port, // A TCP server's address is no string.
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
