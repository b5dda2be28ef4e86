import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import type { Endpoint } from "../../../kernel/index.ts";
import { MessageFrames } from "./message-frames.ts";
import type { SentQuestion } from "./name-transport.ts";

/** Asks a name server from this machine. */
export function ownTransport(question: SentQuestion): Promise<Buffer> {
  return question.via === "udp" ? askByDatagram(question) : askByStream(question);
}

/** A socket for each question, so that its port is hard to guess (RFC 5452 §9.2), and errors of the way come back (udp(7)). */
async function askByDatagram({ server, query, isAnswer, signal }: SentQuestion): Promise<Buffer> {
  signal.throwIfAborted();
  const socket = createSocket(server.family === 4 ? "udp4" : "udp6");
  try {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    promise.catch(() => undefined); // It may fail before it is waited for.
    socket.on("error", reject);
    socket.on("message", (message) => {
      if (isAnswer(message)) resolve(message);
    });
    signal.addEventListener("abort", () => reject(reasonOf(signal)), { once: true });
    socket.connect(server.port, server.address);
    await Promise.race([once(socket, "connect", { signal }), promise]);
    socket.send(query, (error) => error && reject(error));
    return await promise;
  } finally {
    socket.close();
  }
}

async function askByStream({ server, query, isAnswer, signal }: SentQuestion): Promise<Buffer> {
  signal.throwIfAborted();
  const socket = connect({ host: server.address, port: server.port, signal });
  try {
    socket.write(MessageFrames.framed(query));
    const frames = new MessageFrames();
    // A socket without an encoding gives bytes.
    for await (const chunk of socket)
      for (const message of frames.push(chunk as Buffer)) if (isAnswer(message)) return message;
    throw new Error(`${nameOf(server)} ended the connection without an answer`);
  } finally {
    socket.destroy();
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("nobody waits any more");
}

function nameOf({ address, port }: Endpoint): string {
  return `${address} port ${port}`;
}
