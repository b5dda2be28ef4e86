import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { KubernetesError } from "../errors.ts";
import { type Asked, errorOfAnswer, errorOfConnection, where } from "./api-failure.ts";
import { apiUrl, type Query } from "./api-url.ts";
import { boundedWait, isStale } from "./bounded-wait.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { Login, type Way } from "./login.ts";

export interface Call extends Asked {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Until the head of the answer is there; 30 s unless said. */
  readonly timeoutMs?: number | undefined;
}

const answerTimeoutMs = 30_000;
/** A namespace's pods, one page of them, are some megabytes. */
const maxAnswerBytes = 128 * 1024 * 1024;
/** How often a call is made again that the API server was too busy for, and how long it waits at most for that. */
const maxThrottled = 4;
const maxThrottledWaitMs = 10_000;

/** Calls of one API server over kept connections. Who makes it disposes of it. */
export class ApiCaller implements Disposable {
  readonly cluster: ClusterAccess;
  readonly #login: Login;

  constructor(cluster: ClusterAccess, environment: NodeJS.ProcessEnv = process.env) {
    this.cluster = cluster;
    this.#login = new Login(cluster, environment);
  }

  /** The login, for calls that become WebSockets. */
  get login(): Login {
    return this.#login;
  }

  /**
   * Makes a call and gives its answer as JSON.
   * @throws KubernetesError as the table in errors.ts says; the signal's reason when it aborts.
   */
  async json(call: Call): Promise<unknown> {
    const answer = await this.open(call);
    const text = await this.#textOf(answer, call);
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new KubernetesError(
        "failed",
        `${where(this.cluster)} answered ${call.line} with what is no JSON`,
        {
          cause,
          hint: "Something else may answer at this address. Check the server in the kubeconfig.",
        },
      );
    }
  }

  /**
   * Makes a call and gives its answer when the head is there and says that it succeeded. The caller reads the body to its end,
   * or destroys it. Waits and asks again where the API server is too busy; logs in again where a credential has expired.
   * @throws KubernetesError; the signal's reason when it aborts.
   */
  async open(call: Call): Promise<IncomingMessage> {
    let loggedInAgain = false;
    for (let throttled = 0; ; ) {
      const { answer, way } = await this.#attempt(call);
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) return answer;
      const body = await this.#textOf(answer, call);
      if (status === 401 && !loggedInAgain && this.#login.forget(way)) {
        loggedInAgain = true;
        continue;
      }
      const waitMs = 1_000 * Number(answer.headers["retry-after"] ?? (status === 429 ? 1 : Number.NaN));
      // Priority and fairness answers 429; a server that is starting answers 503, and says so by this field.
      const isBusy = status === 429 || (status === 503 && Number.isFinite(waitMs));
      if (isBusy && waitMs <= maxThrottledWaitMs && throttled < maxThrottled) {
        throttled++;
        await sleep(waitMs, undefined, { signal: call.signal });
        continue;
      }
      throw errorOfAnswer({ status, body, asked: call }, this.cluster);
    }
  }

  [Symbol.dispose](): void {
    this.#login[Symbol.dispose]();
  }

  /** One request; made again when a kept connection turns out to have been closed. */
  async #attempt(call: Call): Promise<{ readonly answer: IncomingMessage; readonly way: Way }> {
    for (;;) {
      call.signal?.throwIfAborted();
      const way = await this.#login.way(call.signal);
      const url = apiUrl(this.cluster, call);
      const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
      const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
        method: call.method,
        agent: way.agent,
        headers: {
          accept: "application/json",
          "user-agent": "magpie",
          ...way.headers,
          ...(body === undefined
            ? {}
            : { "content-type": call.contentType ?? "application/json", "content-length": body.length }),
        },
      });
      request.end(body);
      const answer = await this.#answerOf(request, call);
      if (answer !== "stale") return { answer, way };
    }
  }

  async #answerOf(request: ClientRequest, call: Call): Promise<IncomingMessage | "stale"> {
    const waiting = Promise.withResolvers<IncomingMessage | "stale">();
    const { resolve, reject } = waiting;
    // Stays until the answer has ended: whoever has it hears of the failure there.
    request.on("error", (cause) => {
      if (isStale(request, cause)) resolve("stale");
      else reject(errorOfConnection(cause, this.cluster));
    });
    request.once("response", (answer) => {
      const end = (): void => void answer.destroy(asError(call.signal?.reason));
      call.signal?.addEventListener("abort", end, { once: true });
      answer.once("close", () => call.signal?.removeEventListener("abort", end));
      resolve(answer);
    });
    return await boundedWait(waiting, {
      cluster: this.cluster,
      timeoutMs: call.timeoutMs ?? answerTimeoutMs,
      hint: "Is the VPN up, and the cluster? Another context is named by --context.",
      signal: call.signal,
      giveUp: () => request.destroy(),
    });
  }

  async #textOf(answer: IncomingMessage, call: Call): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const overtime = setTimeout(
      () => answer.destroy(new Error("its answer does not end")),
      call.timeoutMs ?? answerTimeoutMs,
    );
    try {
      for await (const chunk of answer) {
        // No encoding is set, so chunks are Buffers.
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (bytes > maxAnswerBytes) throw new Error(`its answer is longer than ${maxAnswerBytes} bytes`);
      }
    } catch (cause) {
      call.signal?.throwIfAborted();
      throw errorOfConnection(cause, this.cluster);
    } finally {
      clearTimeout(overtime);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
