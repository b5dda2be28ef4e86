import type { Opening, OpeningMeta } from "../../../protocol/index.ts";
import type { ExchangeEvents, ExchangeStream } from "../../incoming/index.ts";
import type { InspectedSession } from "../../running/index.ts";
import { InspectorError } from "../errors.ts";
import type { Inspector } from "../inspector.ts";
import {
  describedFile,
  reflectionAnswer,
  type ReflectionAnswer,
  reflectionMethods,
  type ReflectionQuestion,
  reflectionQuestion,
} from "../messages/index.ts";
import { http2HeadOf } from "./said-head.ts";

const maxAnswerBytes = 16 * 1024 * 1024;
const maxFiles = 500;
const answerMs = 5_000;

/** Asks the local program what services of gRPC it has (server reflection). @throws InspectorError when it does not say */
export async function reflectServices(inspector: Pick<Inspector, "sessions" | "descriptors">): Promise<void> {
  const held = inspector.sessions.flatMap((session) =>
    session.ports.filter(({ isHeld }) => isHeld).map((port) => ({ session, port })),
  );
  const reasons: string[] = [];
  for (const { session, port } of held)
    for (const method of reflectionMethods) {
      try {
        const ask = (question: ReflectionQuestion): Promise<ReflectionAnswer> =>
          asked(session, { ...port, method, question });
        inspector.descriptors.addReflected(`reflection of ${port.local}`, await allFiles(ask));
        return;
      } catch (error) {
        reasons.push(error instanceof Error ? error.message : String(error));
      }
    }
  throw new InspectorError(
    409,
    `no program here says what services it has: ${reasons.at(-1) ?? "no port is held"}`,
    {
      hint: "Switch on server reflection in it, or give its .proto files.",
    },
  );
}

/** All files that the services need, each before those that need it. */
async function allFiles(ask: (question: ReflectionQuestion) => Promise<ReflectionAnswer>): Promise<Buffer[]> {
  const listed = await ask({ list: true });
  if (!("services" in listed))
    throw new Error("refused" in listed ? listed.refused : "it listed no services");
  const files = new Map<string, { file: Buffer; needs: readonly string[] }>();
  const take = async (question: ReflectionQuestion): Promise<void> => {
    const answer = await ask(question);
    if (!("files" in answer)) throw new Error("refused" in answer ? answer.refused : "it gave no file");
    for (const file of answer.files) {
      const { name, needs } = describedFile(file);
      if (files.size >= maxFiles) throw new Error(`it has more than ${maxFiles} files`);
      files.set(name, { file, needs });
    }
    for (const { needs } of [...files.values()])
      for (const name of needs) if (!files.has(name)) await take({ file: name });
  };
  for (const symbol of listed.services) if (!symbol.startsWith("grpc.reflection.")) await take({ symbol });
  const ordered: Buffer[] = [];
  const seen = new Set<string>();
  const put = (name: string): void => {
    const one = files.get(name);
    if (one === undefined || seen.has(name)) return;
    seen.add(name);
    for (const needed of one.needs) put(needed);
    ordered.push(one.file);
  };
  for (const name of files.keys()) put(name);
  return ordered;
}

/** One question in a call of its own. */
async function asked(
  session: InspectedSession,
  about: { subscription: number; inPod: number; local: string; method: string; question: ReflectionQuestion },
): Promise<ReflectionAnswer> {
  const headers = [
    ["host", about.local],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ] as const;
  const said = { method: "POST", target: about.method, headers, bodyBytes: 0 };
  const address = { address: "127.0.0.1", port: about.inPod };
  const meta: OpeningMeta = {
    copy: "none",
    kind: "http2",
    endsWithHead: false,
    subscription: about.subscription,
    requestId: "page-reflection",
    port: about.inPod,
    peer: { address: "127.0.0.1", port: 0 },
    original: address,
    connection: 2 ** 40,
    tls: null,
  };
  const opening: Opening = { meta, head: http2HeadOf(said, { scheme: "http" }) };
  const message = reflectionQuestion(about.question);
  const framed = Buffer.alloc(5 + message.length);
  framed.writeUInt32BE(message.length, 1);
  message.copy(framed, 5);
  const answer = new GatheredAnswer();
  const delivery: ExchangeEvents = session.deliverOwn(answer, opening);
  delivery.onData(framed);
  delivery.onEnd();
  const timer = setTimeout(() => delivery.onReset("cancelled", "it takes too long"), answerMs);
  try {
    const bytes = await Promise.race([
      answer.whole,
      new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error("it does not answer")), answerMs + 500).unref();
      }),
    ]);
    if (bytes.length < 5 || bytes.length < 5 + bytes.readUInt32BE(1))
      throw new Error("it has no server reflection");
    return reflectionAnswer(bytes.subarray(5, 5 + bytes.readUInt32BE(1)));
  } finally {
    clearTimeout(timer);
  }
}

/** Gathers one answer, up to a bound. */
class GatheredAnswer implements ExchangeStream {
  readonly #over = Promise.withResolvers<Buffer>();
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  get whole(): Promise<Buffer> {
    return this.#over.promise;
  }

  sendHead(): void {}

  write(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > maxAnswerBytes) this.#over.reject(new Error("its answer is too large"));
    else this.#chunks.push(Buffer.from(chunk));
    return true;
  }

  end(): void {
    this.#over.resolve(Buffer.concat(this.#chunks));
  }

  reset(code: string, text?: string): void {
    this.#over.reject(new Error(text || code));
  }

  consumed(): void {}
}
