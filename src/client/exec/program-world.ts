import { readFileSync } from "node:fs";
import { podAddresses, ProtocolError } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { FileMount, FileRules, FilesError, madeFiles, RemoteFiles } from "../files/index.ts";
import { podTransport, type ToldLookup } from "../outgoing/dns/index.ts";
import { type Destination, ProgramNames, RuledOutgoing, type Way } from "../outgoing/index.ts";
import type { PodView } from "../sandbox/pod-view.ts";
import { allOrNone } from "./all-or-none.ts";
import type { ExecPlan } from "./exec-plan.ts";
import { LiveHosts } from "./live-hosts.ts";
import { leadsToPod } from "./leads-to-pod.ts";
import type { ExecSession } from "./exec-session.ts";
import { type TracedFlow, TracedOutgoing } from "./traced-outgoing.ts";

const HOSTS = "/etc/hosts";
/** Larger than any resolv.conf or list of hosts that somebody wrote. */
const maxFileBytes = 16 * 1024 * 1024;

export interface WorldEvents {
  readonly onNotice: (message: string) => void;
  /** For `--trace`. */
  readonly onLookup?: ((told: ToldLookup) => void) | undefined;
  readonly onFlow?: ((told: TracedFlow) => void) | undefined;
}

/**
 * What the program sees of its pod: files, names and networks, over the session. Whoever opens it disposes it, when the
 * program has ended.
 */
export class ProgramWorld implements AsyncDisposable {
  readonly view: PodView;
  readonly #stack: AsyncDisposableStack;

  private constructor(view: PodView, stack: AsyncDisposableStack) {
    this.view = view;
    this.#stack = stack;
  }

  /** @throws ClientError when the pod does not let itself be looked at; the signal's reason */
  static async open(
    plan: ExecPlan,
    about: { session: ExecSession; events: WorldEvents; signal: AbortSignal },
  ): Promise<ProgramWorld> {
    const { session, events, signal } = about;
    await using stack = new AsyncDisposableStack();
    const process = plan.process ?? plan.target.process ?? null;
    const { rules } = plan.files;
    const files = new RemoteFiles({
      open: session.openFiles,
      process,
      writes: plan.files.otherwise === "read-write" || rules.some(({ mode }) => mode === "read-write"),
    });
    stack.defer(() => files.close());
    const [addresses, resolvConf, hosts, hostname, mount] = await allOrNone([
      addressesOf(session, signal),
      read(files, "/etc/resolv.conf", signal),
      read(files, HOSTS, signal),
      read(files, "/etc/hostname", signal),
      openMount(plan, { files, events, signal }),
    ]);
    if (mount !== undefined) stack.use(mount);
    const names = stack.use(
      new ProgramNames({
        files: {
          pods: { resolvConf, hosts, hostname },
          nsswitch: ownFile("/etc/nsswitch.conf"),
          podName: plan.target.label,
        },
        outgoing: plan.outgoing,
        remote: podTransport(session.openFlow),
        ...(events.onLookup === undefined ? {} : { onLookup: events.onLookup }),
      }),
    );
    const { ways, nameServer } = names;
    const wayOf = (to: Destination): Way => ways.wayOf(to);
    const ruled = new RuledOutgoing({ openStream: session.openFlow, decide: wayOf, nameServer, process });
    const { onFlow } = events;
    const outgoing = onFlow === undefined ? ruled : new TracedOutgoing({ inner: ruled, wayOf, tell: onFlow });
    const isMade = ([path]: [string, Buffer]): boolean => madeFiles.includes(path);
    const made = new Map([...names.files].filter(isMade));
    const live = new LiveHosts({
      read: (signal) => read(files, HOSTS, signal),
      made: (pods) => names.learnHosts(pods),
      first: hosts,
    });
    const view: PodView = {
      addresses,
      hostname: hostname?.toString("latin1").trim().slice(0, 64) || undefined,
      outgoing,
      flowRules: names.rules,
      files: {
        rules: plan.files,
        rootDescriptor: mount?.rootDescriptor ?? null,
        made,
        remade: async (path) => (path === HOSTS ? await live.changed() : undefined),
      },
    };
    return new ProgramWorld(view, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** The pod's files as a file system, unless no path leads there. */
async function openMount(
  { files: list, target }: ExecPlan,
  about: { files: RemoteFiles; events: WorldEvents; signal: AbortSignal },
): Promise<FileMount | undefined> {
  if (!leadsToPod(list)) return undefined;
  const { files, events, signal } = about;
  const rules = new FileRules(list);
  try {
    return await FileMount.open({
      files,
      modeOf: (path) => rules.decide(path).mode,
      onFault: (error) => events.onNotice(`a fault of magpie with the pod's files: ${String(error)}`),
      signal,
    });
  } catch (error) {
    throw error instanceof FilesError ? unseen(target.label, error) : error;
  }
}

async function addressesOf(session: ExecSession, signal: AbortSignal): Promise<readonly string[]> {
  try {
    for await (const answer of session.ask({ kind: "addresses" }, { signal }))
      return podAddresses(answer).addresses;
  } catch (error) {
    // An agent of another version: the program has this machine's addresses then, and the pod's network all the same.
    if (error instanceof ClientError && error.code === "ask-refused") return [];
    if (!(error instanceof ProtocolError)) throw error;
  }
  return [];
}

/** Null is a file that is not there. */
async function read(files: RemoteFiles, path: string, signal: AbortSignal): Promise<Buffer | null> {
  try {
    return await files.readFile(path, { maxBytes: maxFileBytes, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FilesError)) throw error;
    if (error.errno === "ENOENT" || error.errno === "ENOTDIR") return null;
    throw unseen(path, error);
  }
}

function unseen(what: string, error: FilesError): ClientError {
  return new ClientError("ask-refused", `${what} of the pod cannot be read: ${error.message}`, {
    cause: error,
  });
}

function ownFile(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null; // As for libc, which does without.
  }
}
