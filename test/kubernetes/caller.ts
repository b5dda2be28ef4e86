import { fileURLToPath } from "node:url";
import { Proc } from "../fixtures/proc.ts";
import type { Cluster } from "./cluster/cluster.ts";
import type { Node } from "./cluster/node.ts";
import type { TestNamespace } from "./cluster/test-namespace.ts";

/** A request from inside the cluster. */
export interface Call {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly uploadBytes?: number;
  readonly bytesPerSecond?: number;
}

/** What came of it. */
export type Answer =
  | {
      readonly status: number;
      readonly body: string /** Of what was sent. */;
      readonly sha256: string;
      readonly error?: undefined;
    }
  | { readonly error: string };

/** Somebody in the cluster who is no target: calls other pods from a pod of its own. `await using` ends it. */
export class Caller implements AsyncDisposable {
  readonly #proc: Proc;
  #lastId = 0;

  private constructor(proc: Proc) {
    this.#proc = proc;
  }

  static async start(cluster: Cluster, namespace: TestNamespace): Promise<Caller> {
    const wait = ["node", "-e", "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1e6)"];
    await namespace.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "caller" },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          { name: "caller", image: cluster.exampleImage, imagePullPolicy: "IfNotPresent", command: wait },
        ],
      },
    });
    await namespace.kubectl("wait", "pod/caller", "--for=condition=Ready", "--timeout=240s");
    const proc = await namespace.start("exec", "-i", "caller", "--", "node", "call.ts");
    await proc.line(/"ready":true/, { timeoutMs: 60_000 });
    return new Caller(proc);
  }

  /** A caller on the node itself, whom an API server that goes does not take along as it does `kubectl exec`. */
  static async onNode(node: Node): Promise<Caller> {
    const script = fileURLToPath(new URL("../../examples/kubernetes/app/call.ts", import.meta.url));
    const proc = await Proc.start({ command: node.inNetwork([process.execPath, script]) });
    await proc.line(/"ready":true/, { timeoutMs: 60_000 });
    return new Caller(proc);
  }

  /** Sends a request and gives what came of it; a connection that fails is a value. */
  async call(call: Call, { timeoutMs = 60_000 }: { timeoutMs?: number } = {}): Promise<Answer> {
    const id = ++this.#lastId;
    this.#proc.write(`${JSON.stringify({ id, ...call })}\n`);
    const { input } = await this.#proc.line(new RegExp(`^\\{"id":${id},`), { timeoutMs });
    // examples/kubernetes/app/call.ts printed it.
    return JSON.parse(input) as Answer;
  }

  /** Who says to have answered, "local" or "original"; what was wrong when nobody did. */
  async answeredBy(url: string, headers: Record<string, string> = {}): Promise<string> {
    const answer = await this.call({ url, headers: { connection: "close", ...headers } });
    if (answer.error !== undefined) return answer.error;
    if (answer.status !== 200) return `${answer.status}: ${answer.body}`;
    // Both say who they are.
    return (JSON.parse(answer.body) as { by: string }).by;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proc[Symbol.asyncDispose]();
  }
}
