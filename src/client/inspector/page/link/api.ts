import type {
  BodySide,
  EditedRequest,
  FilterChange,
  FilterPreview,
  Holding,
  Imported,
  InspectorState,
  Matching,
  MessageList,
  Receiver,
  RequestDetail,
  Sent,
} from "../../page-contract.ts";

/** What the process behind the page refused, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly hint: string;

  constructor(message: string, { status, hint = "" }: { status: number; hint?: string }) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

interface Call {
  readonly method?: string;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal | undefined;
}

/** The questions of page-contract.ts. Each throws ApiError. */
export class Api {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  state = (): Promise<InspectorState> => this.#json("state");

  live = (after: number, signal: AbortSignal): Promise<Response> =>
    this.#call(`live?after=${after}`, { signal });

  detail = (id: number, signal?: AbortSignal): Promise<RequestDetail> =>
    this.#json(`requests/${id}`, { signal });

  messages = (id: number, of: BodySide, signal?: AbortSignal): Promise<MessageList> =>
    this.#json(`requests/${id}/messages?of=${of}`, { signal });

  replay = (id: number, to: Receiver): Promise<Sent> =>
    this.#json(`requests/${id}/replay`, saying("POST", { to }));

  send = (request: EditedRequest): Promise<Sent> => this.#json("send", saying("POST", request));

  preview = (change: FilterChange, signal?: AbortSignal): Promise<FilterPreview> =>
    this.#json("filter/preview", { ...saying("POST", change), signal });

  setFilter = (change: FilterChange): Promise<InspectorState> => this.#json("filter", saying("PUT", change));

  hold = (holding: Holding): Promise<InspectorState> => this.#json("holding", saying("PUT", holding));

  matching = (filter: string, after: number, signal?: AbortSignal): Promise<Matching> =>
    this.#json(`matching?${new URLSearchParams({ filter, after: String(after) })}`, { signal });

  importHar = (har: Blob): Promise<Imported> => this.#json("har", { method: "POST", body: har });

  addDescriptors = (file: File): Promise<InspectorState> =>
    this.#json(`descriptors?${new URLSearchParams({ name: file.name })}`, { method: "POST", body: file });

  reflect = (): Promise<InspectorState> => this.#json("descriptors/reflect", { method: "POST" });

  release = async (id: number): Promise<void> =>
    void (await this.#call(`requests/${id}/release`, { method: "POST" }));

  clear = async (): Promise<void> => void (await this.#call("clear", { method: "POST" }));

  /** The bytes of a body, content codings undone. */
  async body(id: number, of: BodySide, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#call(`requests/${id}/body?of=${of}`, { signal });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** URL of a download of this HAR. */
  harUrl(only: { readonly ids?: readonly number[]; readonly filter?: string }): string {
    const query = new URLSearchParams({ token: this.#token });
    if (only.ids !== undefined) query.set("ids", only.ids.join(","));
    if (only.filter !== undefined) query.set("filter", only.filter);
    return `api/har?${query}`;
  }

  async #json<Answer>(path: string, call: Call = {}): Promise<Answer> {
    const response = await this.#call(path, call);
    // The process behind the page is of the same version: it serves the page.
    return (await response.json()) as Answer;
  }

  async #call(path: string, { method = "GET", body, signal }: Call): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
    if (typeof body === "string") headers["content-type"] = "application/json";
    const init: RequestInit = { method, headers, cache: "no-store" };
    if (body !== undefined) init.body = body;
    if (signal !== undefined) init.signal = signal;
    let response: Response;
    try {
      response = await fetch(`api/${path}`, init);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new ApiError("magpie cannot be reached", {
        status: 0,
        hint: "Is the command that opened this page still running?",
      });
    }
    if (response.ok) return response;
    throw await refusal(response);
  }
}

function saying(method: string, value: unknown): Call {
  return { method, body: JSON.stringify(value) };
}

async function refusal(response: Response): Promise<ApiError> {
  const { status } = response;
  try {
    const { error, hint } = (await response.json()) as { error?: unknown; hint?: unknown };
    if (typeof error === "string")
      return new ApiError(error, { status, hint: typeof hint === "string" ? hint : "" });
  } catch {
    // Not ours: the status says all there is.
  }
  return new ApiError(`magpie answered with ${status} ${response.statusText}`.trim(), { status });
}
