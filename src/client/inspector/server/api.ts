import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { InspectorError } from "../errors.ts";
import { harEntryOf, readHar } from "../har/index.ts";
import type { Inspector } from "../inspector.ts";
import type {
  BodySide,
  EditedRequest,
  FilterChange,
  HeaderLine,
  Holding,
  Imported,
  Matching,
  Receiver,
  Sent,
} from "../page-contract.ts";
import { previewFilter } from "../query/filter-preview.ts";
import { messagesOf } from "../query/messages-of.ts";
import { filterOfText, matchingRows } from "../query/row-filter.ts";
import { readBody } from "../record/bodies.ts";
import { detailOf } from "../record/request-detail.ts";
import type { RecordedRequest } from "../record/recorded-request.ts";
import { importEntries } from "./import-entries.ts";
import { reflectServices } from "../send/reflect-services.ts";
import { LiveStream } from "./live-stream.ts";

/** Larger bodies of requests are refused. */
const maxJsonBytes = 12 * 1024 * 1024;
const maxHarBytes = 128 * 1024 * 1024;
const maxDescriptorBytes = 16 * 1024 * 1024;
/** Pages that are told what changes, at the same time. */
const maxStreams = 16;

/** One thing that the page asks for. */
interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly id: string;
}

/** Gives what is answered in JSON, now or later; undefined for nothing. */
type Route = (asked: Asked) => unknown;

/** What a route gives when it has answered by itself. */
const answered = Symbol("answered");
const sides: ReadonlySet<string> = new Set<BodySide>(["request", "answer", "other-answer"]);

/** Answers what the page asks of an inspector: see page-contract.ts. */
export class Api {
  readonly #inspector: Inspector;
  readonly #streams = new Set<LiveStream>();
  readonly #routes: ReadonlyMap<string, Route>;

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
    this.#routes = new Map<string, Route>([
      ["GET state", () => inspector.state],
      ["GET live", (asked) => this.#live(asked)],
      ["GET requests/*", (asked) => this.#detail(asked)],
      ["GET requests/*/body", (asked) => this.#body(asked)],
      ["GET requests/*/messages", (asked) => this.#messages(asked)],
      ["POST requests/*/replay", (asked) => this.#replay(asked)],
      ["POST requests/*/release", (asked) => this.#release(asked)],
      ["POST send", async (asked) => sentOf(inspector.sender.edited(editedRequest(await jsonOf(asked))))],
      ["POST filter/preview", (asked) => this.#preview(asked)],
      ["PUT filter", (asked) => this.#setFilter(asked)],
      ["PUT holding", (asked) => this.#hold(asked)],
      ["GET har", (asked) => this.#har(asked)],
      ["POST har", (asked) => this.#import(asked)],
      ["GET matching", (asked) => this.#matching(asked)],
      ["POST descriptors", (asked) => this.#describe(asked)],
      ["POST descriptors/reflect", () => this.#reflect()],
      ["POST clear", () => inspector.store.clear()],
    ]);
  }

  /** Whether a browser may ask for it by an address alone. */
  isDownload(method: string | undefined, path: string): boolean {
    return method === "GET" && (path === "/api/har" || /^\/api\/requests\/\d+\/body$/.test(path));
  }

  /** @throws InspectorError for what cannot be had */
  async answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const words = url.pathname.slice("/api/".length).split("/");
    const id = words[0] === "requests" ? (words[1] ?? "") : "";
    if (id !== "") words[1] = "*";
    const path = words.join("/");
    const route = this.#routes.get(`${request.method} ${path}`);
    if (route === undefined) {
      const isKnown = [...this.#routes.keys()].some((key) => key.endsWith(` ${path}`));
      throw new InspectorError(
        isKnown ? 405 : 404,
        isKnown ? `${request.method} is not for this` : "there is no such thing here",
      );
    }
    const answer = await route({ request, response, url, id });
    if (answer === answered) return;
    if (answer === undefined) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  /** Ends all that is told. */
  close(): void {
    for (const stream of this.#streams) stream[Symbol.dispose]();
  }

  #live({ response, url }: Asked): typeof answered {
    if (this.#streams.size >= maxStreams)
      throw new InspectorError(429, `${maxStreams} pages are looking already`, {
        hint: "Close one of them.",
      });
    const after = wholeOf(url.searchParams.get("after") ?? "0", "after");
    const { store, held } = this.#inspector;
    response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8" });
    response.flushHeaders();
    const page = held.pageIsThere();
    const stream: LiveStream = new LiveStream({
      response,
      store,
      after: after > store.change ? 0 : after,
      stateOf: () => this.#inspector.state,
      onOver: () => {
        this.#streams.delete(stream);
        page[Symbol.dispose]();
        listening[Symbol.dispose]();
      },
    });
    this.#streams.add(stream);
    const listening = this.#inspector.onState((options) => stream.stateChanged(options));
    return answered;
  }

  async #detail(asked: Asked): Promise<unknown> {
    const request = this.#requestOf(asked);
    await this.#inspector.wantDecision(request);
    return (await detailOf(this.#inspector.store, request)).detail;
  }

  async #body(asked: Asked): Promise<typeof answered> {
    const { response } = asked;
    const request = this.#requestOf(asked);
    const of = sideOf(asked);
    const body = await readBody(this.#inspector.store, request, of);
    if (body === undefined) throw new InspectorError(404, "there is no answer yet");
    if (body.bytes === null) throw new InspectorError(410, body.facts.whyNotKept ?? "it is not kept");
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": body.bytes.length,
      // Whatever it is, a browser saves it and never runs it.
      "content-disposition": `attachment; filename="request-${request.id}-${of}.bin"`,
    });
    response.end(body.bytes);
    return answered;
  }

  async #messages(asked: Asked): Promise<unknown> {
    const { store, descriptors } = this.#inspector;
    return await messagesOf(store, this.#requestOf(asked), { of: sideOf(asked), descriptors });
  }

  async #replay(asked: Asked): Promise<Sent> {
    const request = this.#requestOf(asked);
    const { to } = recordOf(await jsonOf(asked));
    return sentOf(await this.#inspector.sender.replay(request, receiverOf(to)));
  }

  #release(asked: Asked): undefined {
    if (!this.#inspector.held.release(this.#requestOf(asked)))
      throw new InspectorError(409, "this request does not wait here any more");
  }

  async #preview(asked: Asked): Promise<unknown> {
    const { store, sessions } = this.#inspector;
    return await previewFilter(store, filterChange(await jsonOf(asked)), sessions);
  }

  async #setFilter(asked: Asked): Promise<unknown> {
    const { port, filter } = filterChange(await jsonOf(asked));
    await this.#inspector.setFilter(port, filterOfText(filter));
    return this.#inspector.state;
  }

  async #hold(asked: Asked): Promise<unknown> {
    const { isOn, filter } = holdingOf(await jsonOf(asked));
    if (isOn && !this.#inspector.state.can.hold)
      throw new InspectorError(409, "there is no session that steals, and only stolen requests can be held");
    this.#inspector.held.set({ isOn, filter: filterOfText(filter) });
    return this.#inspector.state;
  }

  async #har({ response, url }: Asked): Promise<typeof answered> {
    const { store, version } = this.#inspector;
    const requests = await this.#wantedOf(url);
    response.writeHead(200, {
      "content-type": "application/json",
      "content-disposition": 'attachment; filename="magpie.har"',
    });
    const creator = JSON.stringify({ name: "magpie", version });
    response.write(`{"log":{"version":"1.2","creator":${creator},"entries":[`);
    let separator = "\n";
    for (const request of requests) {
      if (response.destroyed) return answered;
      const entry = JSON.stringify(harEntryOf(await detailOf(store, request)));
      if (!response.write(`${separator}${entry}`))
        await Promise.race([once(response, "drain"), once(response, "close")]);
      separator = ",\n";
    }
    response.end("\n]}}\n");
    return answered;
  }

  async #wantedOf({ searchParams }: URL): Promise<RecordedRequest[]> {
    const ids = searchParams.get("ids");
    const { store } = this.#inspector;
    if (ids === null) return await matchingRows(store, filterOfText(searchParams.get("filter")));
    const wanted = ids.split(",").map((id) => store.get(wholeOf(id, "ids")));
    return wanted.filter((request) => request !== undefined);
  }

  async #import(asked: Asked): Promise<Imported> {
    const bytes = await bodyOf(asked, maxHarBytes);
    let read: ReturnType<typeof readHar>;
    try {
      read = readHar(bytes.toString("utf8"));
    } catch (cause) {
      throw new InspectorError(400, cause instanceof Error ? cause.message : String(cause), { cause });
    }
    await importEntries(this.#inspector.store, read.entries);
    return { rows: read.entries.length, skipped: read.skipped };
  }

  async #matching({ url }: Asked): Promise<Matching> {
    const { store } = this.#inspector;
    const until = store.lastId;
    const after = wholeOf(url.searchParams.get("after") ?? "0", "after");
    const found = await matchingRows(store, filterOfText(url.searchParams.get("filter")), { after });
    return { ids: found.map(({ id }) => id), until };
  }

  async #describe(asked: Asked): Promise<unknown> {
    const bytes = await bodyOf(asked, maxDescriptorBytes);
    const name = asked.url.searchParams.get("name") ?? "descriptors";
    try {
      this.#inspector.descriptors.add(name.slice(0, 200), bytes);
    } catch (cause) {
      throw new InspectorError(400, cause instanceof Error ? cause.message : String(cause), {
        cause,
        hint: "Give a .proto file, or what protoc --descriptor_set_out --include_imports writes.",
      });
    }
    return this.#described();
  }

  async #reflect(): Promise<unknown> {
    await reflectServices(this.#inspector);
    return this.#described();
  }

  #described(): unknown {
    for (const stream of this.#streams) stream.stateChanged();
    return this.#inspector.state;
  }

  #requestOf({ id }: Asked): RecordedRequest {
    const request = this.#inspector.store.get(wholeOf(id, "the id"));
    if (request === undefined)
      throw new InspectorError(404, `request ${id} is not kept`, { hint: "The oldest are let go for room." });
    return request;
  }
}

function sentOf({ id }: RecordedRequest): Sent {
  return { id };
}

function sideOf({ url }: Asked): BodySide {
  const of = url.searchParams.get("of") ?? "";
  if (!sides.has(of)) throw new InspectorError(400, "of must be request, answer or other-answer");
  // It is one of the set.
  return of as BodySide;
}

function wholeOf(text: string, name: string): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) throw new InspectorError(400, `${name} must be a whole number`);
  return number;
}

/** Reads a body, all of it or nothing. @throws InspectorError 413 for one that is too large */
async function bodyOf({ request }: Pick<Asked, "request">, mostBytes: number): Promise<Buffer> {
  const told = Number(request.headers["content-length"] ?? 0);
  const tooLarge = new InspectorError(413, `more than ${mostBytes} bytes are not taken`);
  if (told > mostBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function jsonOf(asked: Asked): Promise<unknown> {
  // A form of another site can send no JSON without asking first.
  if (!/^application\/json\b/i.test(asked.request.headers["content-type"] ?? ""))
    throw new InspectorError(415, "the content must be application/json");
  const bytes = await bodyOf(asked, maxJsonBytes);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new InspectorError(400, "the content is not JSON", { cause });
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value));
  throw new InspectorError(400, "the content must be an object");
}

function receiverOf(to: unknown): Receiver {
  if (to === "local" || to === "original") return to;
  throw new InspectorError(400, "to must be local or original");
}

function filterChange(value: unknown): FilterChange {
  const { port, filter } = recordOf(value);
  return { port: portOf(port), filter: textOrNull(filter, "filter") };
}

function holdingOf(value: unknown): Holding {
  const { isOn, filter } = recordOf(value);
  if (typeof isOn !== "boolean") throw new InspectorError(400, "isOn must be true or false");
  return { isOn, filter: textOrNull(filter, "filter") };
}

function editedRequest(value: unknown): EditedRequest {
  const from = recordOf(value);
  const { method, target, headers, body } = from;
  if (typeof method !== "string" || typeof target !== "string" || typeof body !== "string")
    throw new InspectorError(400, "method, target and body must be texts");
  if (!/^[!#$%&'*+.^_`|~\w-]{1,64}$/.test(method)) throw new InspectorError(400, "this is no method");
  if (!/^[\x21-\x7e]+$/.test(target))
    throw new InspectorError(400, "a target holds no blanks and only ASCII", {
      hint: "Write other characters as %XX.",
    });
  if (!Array.isArray(headers)) throw new InspectorError(400, "headers must be a list of pairs");
  const lines = headers.map((line: unknown): HeaderLine => {
    const [name, text] = Array.isArray(line) ? (line as unknown[]) : [];
    if (typeof name !== "string" || typeof text !== "string" || !/^:?[!#$%&'*+.^_`|~\w-]+$/.test(name))
      throw new InspectorError(400, `this is no field: ${JSON.stringify(line)?.slice(0, 80)}`);
    return [name, text];
  });
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body)) throw new InspectorError(400, "body must be base64");
  const whose = from["from"] ?? null;
  if (whose !== null && typeof whose !== "number")
    throw new InspectorError(400, "from must be an id or null");
  return {
    to: receiverOf(from["to"]),
    port: portOf(from["port"]),
    method,
    target,
    headers: lines,
    body,
    from: whose,
  };
}

function portOf(port: unknown): number {
  if (typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InspectorError(400, "port must be a port");
}

function textOrNull(value: unknown, name: string): string | null {
  if (value === null || value === undefined || typeof value === "string") return value ?? null;
  throw new InspectorError(400, `${name} must be a text or null`);
}
