import { decodeConnectAnswer, ProtocolError } from "../../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../../tunnel/index.ts";
import { NetworkError } from "../outgoing.ts";
import type { OpenStream } from "../remote-connection.ts";
import { RemoteDatagrams } from "../remote-datagrams.ts";
import { MessageFrames } from "./message-frames.ts";
import type { NameTransport, SentQuestion } from "./name-transport.ts";

/** Asks name servers from the pod, over the session whose streams it is given. */
export function podTransport(openStream: OpenStream): NameTransport {
  return (question) =>
    question.via === "udp" ? askByDatagram(openStream, question) : askByStream(openStream, question);
}

/** A socket of the pod for each question, as `ownTransport` has one of this machine. */
async function askByDatagram(openStream: OpenStream, question: SentQuestion): Promise<Buffer> {
  const { server, query, isAnswer, signal } = question;
  signal.throwIfAborted();
  const answer = Promise.withResolvers<Buffer>();
  const socket = new RemoteDatagrams(openStream, {
    family: server.family,
    to: server,
    onDatagram: (message) => {
      if (isAnswer(message)) answer.resolve(message);
    },
    onError: (errno) => answer.reject(new NetworkError(errno, `${textOf(question)}: ${errno}`)),
    onOver: () => answer.reject(new NetworkError("ENETDOWN", `${textOf(question)}: the socket is over`)),
  });
  try {
    socket.send(query, server);
    return await settled(answer, signal);
  } finally {
    socket.close();
  }
}

async function askByStream(openStream: OpenStream, question: SentQuestion): Promise<Buffer> {
  const { signal } = question;
  signal.throwIfAborted();
  const asked = new AskedByStream(openStream, question);
  try {
    return await settled(asked.answer, signal);
  } finally {
    asked.close();
  }
}

/** One question on a TCP connection that the agent makes: HEAD says whether it is there, DATA are the messages. */
class AskedByStream implements StreamEvents {
  readonly answer = Promise.withResolvers<Buffer>();
  readonly #question: SentQuestion;
  readonly #frames = new MessageFrames();
  readonly #stream: TunnelStream;

  constructor(openStream: OpenStream, question: SentQuestion) {
    this.#question = question;
    const { address, port } = question.server;
    this.#stream = openStream({ kind: "connect", to: { address, port } }, this);
    // It is a few hundred bytes, for which every stream has room.
    this.#stream.write(MessageFrames.framed(question.query));
  }

  close(): void {
    this.#stream.reset("cancelled", "nobody waits for it any more");
  }

  onHead(payload: Buffer): void {
    try {
      const answer = decodeConnectAnswer(payload);
      if (answer.outcome === "failed") this.#fail(answer.errno);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail("EPROTO");
    }
  }

  onData(chunk: Buffer): void {
    this.#stream.consumed(chunk.length);
    for (const message of this.#frames.push(chunk))
      if (this.#question.isAnswer(message)) this.answer.resolve(message);
  }

  onEnd(): void {
    this.#fail("ECONNRESET");
  }

  onReset(): void {
    this.#fail("ECONNRESET");
  }

  onDrain(): void {
    // Nothing more is sent.
  }

  #fail(errno: string): void {
    this.answer.reject(new NetworkError(errno, `${textOf(this.#question)}: ${errno}`));
  }
}

/** @throws what it was rejected with; the signal's reason */
async function settled<Value>(one: PromiseWithResolvers<Value>, signal: AbortSignal): Promise<Value> {
  const abort = (): void => one.reject(signal.reason);
  // It may fail before it is waited for.
  one.promise.catch(() => undefined);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await one.promise;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function textOf({ server, via }: SentQuestion): string {
  return `the pod's question to ${server.address} port ${server.port} over ${via.toUpperCase()}`;
}
