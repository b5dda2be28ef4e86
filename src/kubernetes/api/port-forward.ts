import { Duplex } from "node:stream";
import { KubernetesError } from "../errors.ts";
import type { ApiCaller } from "./api-call.ts";
import type { ApiSocket } from "./api-socket.ts";
import { openChannels } from "./open-channels.ts";
import { pathTo, resources } from "./resource.ts";

export interface PortForwardOptions {
  readonly namespace: string;
  readonly pod: string;
  /** A port of the pod's loopback, whether a container declares it or not. */
  readonly port: number;
  readonly signal?: AbortSignal | undefined;
  /** Until the API server has taken it; 30 s unless said. */
  readonly timeoutMs?: number | undefined;
}

const channels = { data: 0, error: 1 } as const;
const webSocketProtocol = "v4.channel.k8s.io";
/** One message; what the kubelet reads at once. */
const maxChunkBytes = 32 * 1024;

/**
 * One connection to a port of a pod, by the API server and its kubelet. Needs `create pods/portforward`; API servers before 1.35
 * ask for `get` of those who come by WebSocket.
 *
 * The protocol cannot end one direction alone: ending the stream closes both. A port at which nobody listens shows only after
 * this has settled, as an error of the stream (`failed`).
 * @throws KubernetesError; the signal's reason when it aborts before it is open. After that the signal means nothing.
 */
export async function portForward(caller: ApiCaller, options: PortForwardOptions): Promise<Duplex> {
  const { namespace, pod, port, signal } = options;
  const path = pathTo(resources.pods, { namespace, name: pod, subresource: "portforward" });
  const socket = await openChannels(caller, {
    path,
    query: { ports: port },
    protocols: [webSocketProtocol],
    form: {
      protocol: "portforward.k8s.io",
      // As client-go opens them: the two of one connection have one id.
      streams: [
        [channels.error, { streamtype: "error", port: String(port), requestid: "0" }],
        [channels.data, { streamtype: "data", port: String(port), requestid: "0" }],
      ],
      last: channels.data,
    },
    line: `GET ${path}`,
    access: { verb: "create", group: "", resource: "pods", subresource: "portforward", namespace, name: pod },
    signal,
    timeoutMs: options.timeoutMs,
  });
  const stream = streamOn(socket);
  /** Of each channel of a WebSocket the first two bytes repeat the port. */
  const repeated = socket.protocol === webSocketProtocol ? 2 : 0;
  const prefix: [number, number] = [repeated, repeated];
  let refusal = "";
  socket.start({
    onMessage: (channel, bytes) => {
      if (channel !== channels.data && channel !== channels.error) return;
      const skipped = Math.min(prefix[channel], bytes.length);
      prefix[channel] -= skipped;
      const rest = bytes.subarray(skipped);
      if (rest.length === 0) return;
      if (channel === channels.error) refusal = (refusal + rest.toString("utf8")).slice(0, 1_000);
      else if (!stream.destroyed && !stream.push(rest)) socket.pause();
    },
    onClose: (error) => {
      if (refusal !== "") {
        const message = `port ${port} of pod ${pod} cannot be reached: ${refusal.trim()}`;
        stream.destroy(new KubernetesError("failed", message));
      } else if (error === undefined) stream.push(null);
      else {
        const message = `the port-forward to pod ${pod} was cut: ${error.message}`;
        stream.destroy(new KubernetesError("unreachable", message, { cause: error }));
      }
    },
  });
  return stream;
}

function streamOn(socket: ApiSocket): Duplex {
  return new Duplex({
    allowHalfOpen: false,
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      for (let at = 0; at < chunk.length; at += maxChunkBytes) {
        const last = at + maxChunkBytes >= chunk.length;
        socket.send(channels.data, chunk.subarray(at, at + maxChunkBytes), last ? done : undefined);
      }
      if (chunk.length === 0) done();
    },
    final: (done) => {
      socket.close();
      done();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
}
