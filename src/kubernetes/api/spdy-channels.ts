import { SpdyConnection, type SpdyStream } from "../spdy/spdy-connection.ts";
import type { ApiCaller } from "./api-call.ts";
import type { ApiSocket, ApiSocketEvents, ApiSocketOptions } from "./api-socket.ts";
import { openUpgrade } from "./open-upgrade.ts";

/** How the channels of a WebSocket are called as streams of SPDY. */
export interface SpdyForm {
  /** Of the subresource: `portforward.k8s.io`, or `v4.channel.k8s.io` for exec. */
  readonly protocol: string;
  /** Headers of each stream, by the channel's number, in the order they are opened. */
  readonly streams: readonly (readonly [channel: number, headers: Readonly<Record<string, string>>])[];
  /** When this one ends, all is over. */
  readonly last: number;
}

/** What a message on this channel means: the channel that it names is ended (v5.channel.k8s.io). */
const closeChannel = 255;

/**
 * The same as a WebSocket to a subresource, over SPDY/3.1: what API servers and proxies take that refuse WebSockets, and what needs
 * `create` where those need `get`.
 * @throws KubernetesError as a call does; the signal's reason when it aborts before it is open
 */
export async function openSpdyChannels(
  caller: ApiCaller,
  options: Omit<ApiSocketOptions, "protocols"> & { readonly form: SpdyForm },
): Promise<ApiSocket> {
  const { form, path, query = {}, access, signal, timeoutMs } = options;
  const { socket, head } = await openUpgrade(caller, {
    ...{ path, query, access, signal, timeoutMs },
    line: `POST ${path}`,
    headers: { upgrade: "SPDY/3.1", "x-stream-protocol-version": form.protocol },
  });
  const heard = new Heard();
  const connection = new SpdyConnection({ socket, head, onClose: (error) => heard.closed(error) });
  connection.pause();
  const streams = new Map<number, SpdyStream>();
  for (const [channel, headers] of form.streams) {
    const events = {
      onData: (bytes: Buffer) => heard.message(channel, bytes),
      onEnd: () => {
        if (channel === form.last) heard.over(() => connection.close());
      },
    };
    streams.set(channel, await connection.open(headers, events));
  }
  return {
    protocol: `${form.protocol} over SPDY`,
    start: (events) => {
      heard.start(events);
      connection.resume();
    },
    send: (channel, bytes, onSent) => {
      if (channel === closeChannel) {
        streams.get(bytes[0] ?? -1)?.end();
        onSent?.();
      } else streams.get(channel)?.write(bytes, onSent);
    },
    pause: () => connection.pause(),
    resume: () => connection.resume(),
    close: () => {
      for (const stream of streams.values()) stream.end();
      heard.over(() => connection.close());
    },
    destroy: () => connection.destroy(),
  };
}

/** What comes before somebody listens is nothing but an end: the connection is paused. */
class Heard {
  #events: ApiSocketEvents | undefined;
  #end: { readonly error: Error | undefined } | undefined;
  #isOver = false;

  start(events: ApiSocketEvents): void {
    this.#events = events;
    const end = this.#end;
    if (end !== undefined) setImmediate(() => events.onClose(end.error));
  }

  message(channel: number, bytes: Buffer): void {
    this.#events?.onMessage(channel, bytes);
  }

  /** It ends in good order: what closes now is no loss. */
  over(close: () => void): void {
    this.#isOver = true;
    close();
  }

  closed(cause: Error | undefined): void {
    const error = this.#isOver ? undefined : (cause ?? new Error("the connection was cut"));
    this.#end = { error };
    this.#events?.onClose(error);
  }
}
