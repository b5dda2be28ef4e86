import type { Endpoint } from "../../../kernel/index.ts";
import type { Clock } from "../../../tunnel/index.ts";
import { ResponseCode, responseCode } from "./answer.ts";
import type { NameTransport, SentQuestion } from "./name-transport.ts";

/** A question that is put to several servers, or to one several times. */
export interface AskedServers extends Omit<SentQuestion, "server" | "signal"> {
  /** In the order in which they are asked; at least one. */
  readonly servers: readonly Endpoint[];
  readonly transport: NameTransport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A datagram may be lost: after this time it is sent again, or another server is asked. Answers to either one count. */
export const NEXT_ATTEMPT_MS = 1500;
/**
 * Then there is no answer. Resolvers wait for 5 s by default, and ask again or somebody else (resolv.conf(5), `timeout`); they
 * should hear from us before.
 */
export const ALL_ATTEMPTS_MS = 4500;
const MAX_ATTEMPTS = 3;

/** Codes by which a server says that another one may know more, as resolvers take them (res_send of libc). */
const passingCodes: ReadonlySet<number> = new Set([
  ResponseCode.serverFailure,
  ResponseCode.notImplemented,
  ResponseCode.refused,
]);

/**
 * Asks the servers in turn, and gives the first answer that says something; else the last one that says that it does not.
 * Undefined when there is none in time.
 */
export async function askServers(asked: AskedServers): Promise<Buffer | undefined> {
  const { servers, transport, clock, query, via, isAnswer } = asked;
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const over = new AbortController();
  const signal = AbortSignal.any([asked.signal, over.signal]);
  signal.addEventListener("abort", () => resolve(passing), { once: true });
  // Over TCP nothing is lost: each server is asked once.
  let planned = via === "tcp" ? servers.slice(0, MAX_ATTEMPTS) : attemptsOf(servers);
  let passing: Buffer | undefined;
  let running = 0;
  let stopWaiting = (): void => undefined;
  const stopAll = clock.after(ALL_ATTEMPTS_MS, () => resolve(passing));

  const next = (): void => {
    stopWaiting();
    const server = planned.shift();
    if (server === undefined) {
      if (running === 0) resolve(passing);
      return;
    }
    running++;
    stopWaiting = clock.after(NEXT_ATTEMPT_MS, next);
    const goOn = (): void => {
      running--;
      // It has said what it has to say, and would say it again.
      planned = planned.filter((other) => other !== server);
      next();
    };
    transport({ server, query, via, isAnswer, signal }).then((answer) => {
      if (!passingCodes.has(responseCode(answer))) return resolve(answer);
      passing = answer;
      goOn();
    }, goOn); // Whatever went wrong, there is no answer from there.
  };
  try {
    if (signal.aborted) return undefined;
    next();
    return await promise;
  } finally {
    stopAll();
    stopWaiting();
    over.abort();
  }
}

/** Each server once, from the first on again while there are too few for what may be lost. */
function attemptsOf(servers: readonly Endpoint[]): Endpoint[] {
  return Array.from({ length: MAX_ATTEMPTS }, (_, index) => servers[index % servers.length]).filter(
    (server) => server !== undefined,
  );
}
