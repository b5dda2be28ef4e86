import { encodeStreamHead, type Opening, type OpeningMeta, ProtocolError } from "../../../protocol/index.ts";
import { TunnelError } from "../../../tunnel/index.ts";
import { Deliveries, type ExchangeEvents, type ExchangeStream } from "../../incoming/index.ts";
import { TunnelSocket } from "../../mirror/tunnel-socket.ts";
import type { InspectedPort, InspectedSession } from "../../running/index.ts";
import { InspectorError } from "../errors.ts";
import type { EditedRequest, Receiver } from "../page-contract.ts";
import { ExchangeRecorder, recordOpening } from "../record/exchange-recorder.ts";
import { readKeptRequest } from "../record/heads.ts";
import type { RecordedRequest } from "../record/recorded-request.ts";
import type { RequestStore } from "../record/request-store.ts";
import { http1HeadOf, http2HeadOf } from "./said-head.ts";

/** Requests of the page that are under way at the same time. */
const maxUnderWay = 64;
/** Numbers of connections that no caller has: an agent counts from 1. */
const ownConnections = 2 ** 40;

interface Wanted {
  readonly source: "replay" | "edited";
  readonly to: Receiver;
  readonly port: number;
  readonly form: "http1" | "http2";
  readonly head: Buffer;
  readonly body: Buffer;
  readonly trailers: Buffer;
  readonly from: RecordedRequest | undefined;
}

/** Sends requests of the page: to the local program as a stolen one would be, or through the agent to the app. */
export class Sender implements Disposable {
  readonly #store: RequestStore;
  readonly #sessions: () => Iterable<InspectedSession>;
  readonly #underWay = new Map<RecordedRequest, ExchangeRecorder>();

  constructor(parts: { store: RequestStore; sessions: () => Iterable<InspectedSession> }) {
    this.#store = parts.store;
    this.#sessions = parts.sessions;
  }

  /** Sends a request once more, byte for byte. @throws InspectorError when that cannot be done */
  async replay(from: RecordedRequest, to: Receiver): Promise<RecordedRequest> {
    const { row, head, imported } = from;
    if (from.content.isCut)
      throw new InspectorError(409, `of its ${from.content.bytes} bytes of content only the first are kept`);
    const body = await from.content.read(this.#store.log);
    if (body === undefined) throw new InspectorError(409, "its content was let go for room");
    if (imported !== undefined) {
      const { method, path: target } = row;
      return this.#sendEdited(
        { to, port: row.port, method, target, headers: imported.request.headers, from: null },
        body,
        {
          source: "replay",
          from,
        },
      );
    }
    if (head.form !== "http1" && head.form !== "http2")
      throw new InspectorError(
        409,
        row.headsOnly ? "only its head was seen here, without values" : "a connection cannot be sent again",
        { hint: row.headsOnly ? "Edit it and fill in what is missing." : undefined },
      );
    if (readKeptRequest(head)?.mayUpgrade === true)
      throw new InspectorError(409, "a request that changes the protocol cannot be sent again");
    const bytes = Buffer.from(head.text, "latin1");
    const trailers = Buffer.from(from.trailers.text, "latin1");
    const { port } = row;
    return this.#send({ source: "replay", to, port, form: head.form, head: bytes, body, trailers, from });
  }

  /** Sends a request that somebody wrote. @throws InspectorError when it is none, or cannot be sent */
  edited(wanted: EditedRequest): RecordedRequest {
    const from = wanted.from === null ? undefined : this.#store.get(wanted.from);
    return this.#sendEdited(wanted, Buffer.from(wanted.body, "base64"), { source: "edited", from });
  }

  /** Ends what is under way. */
  [Symbol.dispose](): void {
    for (const recorder of this.#underWay.values()) recorder.onReset("cancelled", "the inspector ends");
  }

  #sendEdited(
    wanted: Omit<EditedRequest, "body">,
    body: Buffer,
    { source, from }: Pick<Wanted, "source" | "from">,
  ): RecordedRequest {
    const { to, port, method, target, headers } = wanted;
    const isHttp2 =
      from?.row.protocol === "http2" ||
      headers.some(([name]) => name.startsWith(":")) ||
      from?.row.kind === "grpc";
    const said = { method, target, headers, bodyBytes: body.length };
    const scheme = from?.isTls === true ? "https" : "http";
    const form = isHttp2 ? "http2" : "http1";
    const head = isHttp2 ? http2HeadOf(said, { scheme }) : http1HeadOf(said);
    return this.#send({ source, to, port, form, head, body, trailers: Buffer.alloc(0), from });
  }

  #send(wanted: Wanted): RecordedRequest {
    const { source, to, form, head, from } = wanted;
    if (this.#underWay.size >= maxUnderWay)
      throw new InspectorError(429, `${maxUnderWay} requests of this page are under way`);
    const { session, port } = this.#whereTo(wanted);
    const request = this.#store.begin({ source });
    const original = from?.original ?? this.#originalOf(port) ?? { address: "127.0.0.1", port: port.inPod };
    const isTls = from?.isTls ?? this.#latestOf(port.remote)?.isTls ?? false;
    const meta: OpeningMeta = {
      copy: "none",
      kind: form,
      endsWithHead: wanted.body.length === 0 && wanted.trailers.length === 0,
      subscription: port.subscription,
      requestId: `page-${request.id}`,
      port: port.inPod,
      peer: { address: "127.0.0.1", port: 0 },
      original,
      connection: ownConnections + request.id,
      tls: isTls ? { serverName: from?.serverName ?? null } : null,
    };
    const opening: Opening = { meta, head };
    const { row } = request;
    row.port = port.remote;
    row.member = session.member ?? null;
    row.what = to === "local" ? "stolen" : "passed";
    row.answeredBy = to === "local" ? "here" : "the app";
    row.because = source === "replay" ? "sent again from the inspector" : "sent from the inspector";
    request.session = session;
    request.from = from?.id ?? null;
    recordOpening(request, opening);
    row.peer = "the inspector";
    request.deliveredMs = 0;
    const sent = new SentStream(() => this.#underWay.delete(request));
    const recorder = new ExchangeRecorder({ store: this.#store, request, stream: sent, opening });
    this.#underWay.set(request, recorder);
    this.#store.touch(request);
    try {
      const isHere = to === "local";
      recorder.use(
        isHere ? session.deliverOwn(recorder, opening) : originally(session, recorder, { opening, sent }),
      );
    } catch (error) {
      if (!(error instanceof TunnelError || error instanceof ProtocolError)) throw error;
      recorder.reset("internal", error.message);
      return request;
    }
    tellContent(recorder, { ...wanted, request });
    return request;
  }

  #whereTo({ to, port: wanted, from }: Pick<Wanted, "to" | "port" | "from">): {
    session: InspectedSession;
    port: InspectedPort;
  } {
    const sessions = [...this.#sessions()];
    const preferred = sessions.filter((session) => session === from?.session);
    const held = [...preferred, ...sessions].flatMap((session) =>
      session.ports.filter(({ isHeld }) => isHeld).map((port) => ({ session, port })),
    );
    const [first] = held;
    const fitting = held.find(({ port }) => port.remote === wanted);
    if (fitting !== undefined) return fitting;
    if (first === undefined)
      throw new InspectorError(409, "no session of this process holds a port, so that nothing can be sent", {
        hint: to === "local" ? undefined : "The app is asked through the agent, by who holds a port of it.",
      });
    const ports = new Set(held.map(({ port }) => port.remote));
    // What came from a file has a port of somewhere else.
    if (ports.size === 1) return first;
    throw new InspectorError(409, `port ${wanted} is not held by this session`, {
      hint: `Choose one of ${[...ports].join(", ")}.`,
    });
  }

  #originalOf({ remote }: InspectedPort): OpeningMeta["original"] | undefined {
    return this.#latestOf(remote)?.original;
  }

  /** The latest that came of a port: it knows where the app is. */
  #latestOf(remote: number): RecordedRequest | undefined {
    let latest: RecordedRequest | undefined;
    let left = 1_000;
    for (let id = this.#store.lastId; id > 0 && left > 0; id--, left--) {
      const request = this.#store.get(id);
      if (request?.row.port !== remote || request.original === undefined || request.source !== "live")
        continue;
      latest = request;
      break;
    }
    return latest;
  }
}

function tellContent(
  recorder: ExchangeRecorder,
  about: Wanted & { readonly request: RecordedRequest },
): void {
  const { form, body, trailers, request } = about;
  for (let at = 0; at < body.length; at += pieceBytes) recorder.onData(body.subarray(at, at + pieceBytes));
  if (form === "http2") {
    if (trailers.length > 0) recorder.onHead(encodeStreamHead("trailers", trailers));
    return recorder.onEnd();
  }
  if (readKeptRequest(request.head)?.framing?.kind === "chunked")
    recorder.onHead(encodeStreamHead("trailers", trailers));
}

/** Asks the app through the agent, over a connection of its own. */
function originally(
  session: InspectedSession,
  recorder: ExchangeRecorder,
  { opening, sent }: { opening: Opening; sent: SentStream },
): ExchangeEvents {
  const { meta } = opening;
  const { subscription, original } = meta;
  const deliveries = new Deliveries({
    protocol: meta.kind === "http2" ? "http2" : "http1",
    // Its certificate was checked when a caller came; here it is the agent that dials it.
    tls: meta.tls === null ? null : { ca: null },
    onSilence: () => undefined,
    socketFor: () =>
      new TunnelSocket((events) =>
        session.session.openStream({ kind: "ask-original", subscription, original, byUser: true }, events),
      ),
  });
  sent.onOver(() => deliveries.close());
  return deliveries.begin({ stream: recorder, opening, local: original, onOver: () => undefined });
}

const pieceBytes = 64 * 1024;

/** Where an answer goes that only the page wanted. */
class SentStream implements ExchangeStream {
  readonly #onOver: (() => void)[] = [];
  #isOver = false;

  constructor(onOver: () => void) {
    this.#onOver.push(onOver);
  }

  onOver(tell: () => void): void {
    if (this.#isOver) tell();
    else this.#onOver.push(tell);
  }

  sendHead(): void {}

  write(): boolean {
    return true;
  }

  end(): void {
    this.#over();
  }

  reset(): void {
    this.#over();
  }

  consumed(): void {}

  #over(): void {
    this.#isOver = true;
    // The delivery may still have something to do on its way out.
    for (const tell of this.#onOver.splice(0)) queueMicrotask(tell);
  }
}
