import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How often the connections that are left are looked at. */
const LOOK_EVERY_MS = 300;
/**
 * A connection that carried nothing for this long, and whose last word was the app's, waits for no answer. An answer
 * that is streamed with longer pauses looks the same, and is ended with it: the kernel tells no more.
 */
const IDLE_MS = 1_000;
/** The same where it cannot be seen whose word was the last: an app that is slower than this would lose its answer. */
const UNSURE_IDLE_MS = 3_000;
const SS_TIMEOUT_MS = 5_000;

/** An established connection of the app, as ss(8) shows it. */
export interface Established {
  readonly local: string;
  readonly peer: string;
  /** Milliseconds since the app last sent or received data. */
  readonly lastSentMs: number;
  readonly lastReceivedMs: number;
  /** Bytes that lie in the socket's queues, in either direction. */
  readonly queuedBytes: number;
  /** The app has been told something and has not said a word yet. */
  readonly isUnanswered: boolean;
}

/** Whether a request or an answer is under way. The app answers last; a client's word without one is a request. */
export function isBusy({ queuedBytes, isUnanswered, lastSentMs, lastReceivedMs }: Established): boolean {
  if (queuedBytes > 0 || isUnanswered || lastReceivedMs < lastSentMs) return true;
  // The kernel counts in ticks (tcp_info of linux/tcp.h): in one of them an app answers, and may be asked again.
  return lastSentMs < (lastReceivedMs === lastSentMs ? UNSURE_IDLE_MS : IDLE_MS);
}

/**
 * Reads `ss -tinHO`: one connection a line, `Recv-Q Send-Q local peer … bytes_sent:5 bytes_received:6 … lastsnd:12
 * lastrcv:34 …`. Since a field is left out when it is 0, a missing one reads as "just now", or "nothing".
 */
export function parseEstablished(text: string): Established[] {
  return text.split("\n").flatMap((line) => {
    const [, received, sent, local, peer] = /^\s*(?:ESTAB\s+)?(\d+)\s+(\d+)\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    if (local === undefined || peer === undefined) return [];
    return {
      local: plain(local),
      peer: plain(peer),
      lastSentMs: Number(/\blastsnd:(\d+)/.exec(line)?.[1] ?? 0),
      lastReceivedMs: Number(/\blastrcv:(\d+)/.exec(line)?.[1] ?? 0),
      queuedBytes: Number(received) + Number(sent),
      isUnanswered: /\bbytes_received:/.test(line) && !/\bbytes_sent:/.test(line),
    };
  });
}

/**
 * Ends the connections that a port's app had before the port was diverted, so that their clients connect anew and are
 * seen: idle ones now, busy ones after their exchange. Ends when none is left, or with `signal`.
 *
 * Connections of the agent itself are not touched, on neither side of it: its clients are among `ownClients`, and
 * what it dialled bears the mark of its sockets.
 * @throws when ss(8) is missing or the kernel cannot end foreign sockets (CONFIG_INET_DIAG_DESTROY)
 */
export async function takeOver(options: {
  port: number;
  ownMark: number;
  /** Those who are connected to the agent itself just now, written as `formatEndpoint` does. */
  ownClients: () => ReadonlySet<string>;
  /** Told when something was ended, with how many are busy still. */
  onProgress: (ended: number, busy: number) => void;
  signal: AbortSignal;
}): Promise<void> {
  const older = new Set((await established(options)).map(keyOf));
  for (;;) {
    const left = (await established(options)).filter((connection) => older.has(keyOf(connection)));
    const idle = left.filter((connection) => !isBusy(connection));
    for (const connection of idle) await end(connection);
    const gone = new Set((await established(options)).map(keyOf));
    const survivors = idle.filter((connection) => gone.has(keyOf(connection)));
    if (survivors.length > 0)
      throw new Error("the kernel does not end foreign connections (CONFIG_INET_DIAG_DESTROY)");
    if (idle.length > 0) options.onProgress(idle.length, left.length - idle.length);
    if (left.length === idle.length) return;
    await pause(LOOK_EVERY_MS, options.signal);
  }
}

function keyOf(connection: Established): string {
  return `${connection.local} ${connection.peer}`;
}

/** The app's ends of connections to the port, without those that the agent has to do with. */
async function established(options: {
  port: number;
  ownMark: number;
  ownClients: () => ReadonlySet<string>;
}): Promise<Established[]> {
  const port = `:${options.port}`;
  const filter = ["state", "established", "(", "sport", "=", port, "or", "dport", "=", port, ")"];
  const { stdout } = await run("ss", ["-tinHOe", ...filter], { timeout: SS_TIMEOUT_MS });
  const mark = new RegExp(`\\bfwmark:0x${options.ownMark.toString(16)}\\b`);
  const lines = stdout.split("\n");
  // The app's end bears the mark only where the kernel hands it on (tcp_fwmark_accept); ours always does.
  const dialled = new Set(
    parseEstablished(lines.filter((line) => mark.test(line)).join("\n")).map(({ local }) => local),
  );
  const ownClients = options.ownClients();
  return parseEstablished(stdout).filter(
    ({ local, peer }) => local.endsWith(port) && !dialled.has(peer) && !ownClients.has(peer),
  );
}

/** An end as it is written for its own family: a socket that serves both shows IPv4 as `[::ffff:10.0.0.1]:80`. */
function plain(end: string): string {
  return end.replace(/^\[::ffff:([\d.]+)\]/, "$1");
}

async function end({ local, peer }: Established): Promise<void> {
  const filter = ["state", "established", "src", local, "and", "dst", peer];
  await run("ss", ["-KtnH", ...filter], { timeout: SS_TIMEOUT_MS });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
