import { PassThrough, type Readable, Writable } from "node:stream";
import { KubernetesError } from "../errors.ts";
import type { ApiCaller } from "./api-call.ts";
import { readStatus } from "./api-failure.ts";
import type { ApiSocket } from "./api-socket.ts";
import { openChannels } from "./open-channels.ts";
import { pathTo, resources } from "./resource.ts";
import type { SpdyForm } from "./spdy-channels.ts";

export interface ExecOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /** Whether the program gets a standard input; without it, it reads the end at once. */
  readonly stdin?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Until the program runs; 30 s unless said. */
  readonly timeoutMs?: number | undefined;
}

/** A program that runs in a container. Ending it, or the connection, does not end the program: only its streams close. */
export interface ExecProcess extends Disposable {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /**
   * Ended where asked for none. Ending it ends the program's input only where `endsStdin`: protocols before v5 (Kubernetes
   * 1.30) have no word for that, so a program must know by what it reads when it has read all.
   */
  readonly stdin: Writable;
  readonly endsStdin: boolean;
  /**
   * The program's exit code, after its last output. Rejects with KubernetesError when there is none: `failed` when it could not
   * be started, `unreachable` when the connection is lost. Output that nobody reads holds it back.
   */
  readonly exitCode: Promise<number>;
}

const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;
const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** Over SPDY each stream is opened by us, and each ends by itself. The Status comes last. */
function spdyForm(hasStdin: boolean): SpdyForm {
  const stream = (channel: number, streamtype: string) => [channel, { streamtype }] as const;
  return {
    protocol: "v4.channel.k8s.io",
    streams: [
      stream(channels.status, "error"),
      ...(hasStdin ? [stream(channels.stdin, "stdin")] : []),
      stream(channels.stdout, "stdout"),
      stream(channels.stderr, "stderr"),
    ],
    last: channels.status,
  };
}

/** One message of standard input. */
const maxChunkBytes = 32 * 1024;

/**
 * Runs a program in a container. Needs `create pods/exec`; API servers before 1.35 ask for `get` of those who come by WebSocket.
 * @throws KubernetesError; the signal's reason when it aborts before the program runs. After that the signal cuts the connection.
 */
export async function exec(caller: ApiCaller, options: ExecOptions): Promise<ExecProcess> {
  const { namespace, pod, container, command, signal } = options;
  const path = pathTo(resources.pods, { namespace, name: pod, subresource: "exec" });
  const socket = await openChannels(caller, {
    path,
    query: { container, command, stdin: options.stdin === true, stdout: true, stderr: true, tty: false },
    protocols,
    form: spdyForm(options.stdin === true),
    line: `GET ${path}`,
    access: { verb: "create", group: "", resource: "pods", subresource: "exec", namespace, name: pod },
    signal,
    timeoutMs: options.timeoutMs,
  });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const endsStdin = !socket.protocol.startsWith("v4.channel.k8s.io") || socket.protocol.endsWith("SPDY");
  const stdin = inputOf(socket, endsStdin);
  if (options.stdin !== true) stdin.destroy();
  const exit = Promise.withResolvers<number>();
  exit.promise.catch(() => undefined); // Who asks for it hears of it.
  const cut = (): void => {
    exit.reject(signal?.reason);
    socket.destroy();
  };
  const deliver = (stream: PassThrough, bytes: Buffer): void => {
    if (bytes.length === 0 || stream.destroyed || stream.write(bytes)) return;
    socket.pause();
    stream.once("drain", () => socket.resume());
  };
  socket.start({
    onMessage: (channel, bytes) => {
      if (channel === channels.stdout) deliver(stdout, bytes);
      else if (channel === channels.stderr) deliver(stderr, bytes);
      else if (channel === channels.status) settle(bytes.toString("utf8"), exit);
    },
    onClose: (cause) => {
      signal?.removeEventListener("abort", cut);
      const message = `the connection to ${container} in pod ${pod} was lost`;
      exit.reject(new KubernetesError("unreachable", message, { cause }));
      stdout.end();
      stderr.end();
      stdin.destroy();
    },
  });
  signal?.addEventListener("abort", cut, { once: true });
  if (signal?.aborted === true) cut();
  return {
    stdout,
    stderr,
    stdin,
    endsStdin,
    exitCode: exit.promise,
    [Symbol.dispose]: () => {
      socket.destroy();
    },
  };
}

function inputOf(socket: ApiSocket, endsStdin: boolean): Writable {
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (let at = 0; at < chunk.length; at += maxChunkBytes) {
        const last = at + maxChunkBytes >= chunk.length;
        socket.send(channels.stdin, chunk.subarray(at, at + maxChunkBytes), last ? done : undefined);
      }
      if (chunk.length === 0) done();
    },
    final: (done) => {
      if (endsStdin) socket.send(channels.close, Buffer.of(channels.stdin), done);
      else done();
    },
  });
  stdin.on("error", () => undefined); // A program that is gone reads no more: its exit code says so.
  return stdin;
}

/** What the kubelet says at the end is a Status: success, or a failure with the exit code among its causes. */
function settle(text: string, exit: { resolve(code: number): void; reject(error: Error): void }): void {
  const status = readStatus(text);
  if (status?.status === "Success") return exit.resolve(0);
  const code = status?.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  if (code !== undefined) return exit.resolve(Number(code));
  exit.reject(new KubernetesError("failed", `the program could not be run: ${status?.message ?? text}`));
}

/** What a program said that has ended. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How much of each output is kept. */
const maxOutputBytes = 1024 * 1024;

/** Runs a program to its end. Of its output the first MB counts. @throws KubernetesError; the signal's reason. */
export async function execToEnd(
  caller: ApiCaller,
  options: Omit<ExecOptions, "stdin"> & { readonly input?: string | Uint8Array },
): Promise<ExecResult> {
  using process = await exec(caller, { ...options, stdin: options.input !== undefined });
  if (options.input !== undefined) process.stdin.end(options.input);
  const [stdout, stderr, exitCode] = await Promise.all([
    textOf(process.stdout),
    textOf(process.stderr),
    process.exitCode,
  ]);
  return { exitCode, stdout, stderr };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    // No encoding is set, so chunks are Buffers.
    if (bytes < maxOutputBytes) chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return Buffer.concat(chunks).subarray(0, maxOutputBytes).toString("utf8");
}
