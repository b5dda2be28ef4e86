import { readFileSync } from "node:fs";
import { podAddresses, ProtocolError } from "../../protocol/index.ts";
import { systemClock } from "../../tunnel/index.ts";
import { ClientError } from "../errors.ts";
import { FileMount, FileRules, FilesError, RemoteFiles } from "../files/index.ts";
import {
  NameService,
  NameTable,
  nameServersOf,
  podTransport,
  programsHosts,
  programsNsswitch,
  programsResolvConf,
  readHosts,
  searchDomainsOf,
  type ToldLookup,
} from "../outgoing/dns/index.ts";
import { type Destination, type NameServer, RuledOutgoing, type Way, Ways } from "../outgoing/index.ts";
import { outgoingRules } from "../outgoing/rules/index.ts";
import type { PodView } from "../sandbox/pod-view.ts";
import { allOrNone } from "./all-or-none.ts";
import type { ExecPlan } from "./exec-plan.ts";
import { leadsToPod } from "./leads-to-pod.ts";
import type { ExecSession } from "./exec-session.ts";
import { type TracedFlow, TracedOutgoing } from "./traced-outgoing.ts";

/** Larger than any resolv.conf or list of hosts that somebody wrote. */
const maxFileBytes = 16 * 1024 * 1024;
const dnsPort = 53;

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
      read(files, "/etc/hosts", signal),
      read(files, "/etc/hostname", signal),
      openMount(plan, { files, events, signal }),
    ]);
    if (mount !== undefined) stack.use(mount);
    const flowRules = outgoingRules(plan.outgoing, searchDomainsOf(resolvConf));
    const table = new NameTable({ clock: systemClock });
    table.learnHosts(hosts === null ? [] : readHosts(hosts));
    const service = stack.use(
      new NameService({
        rules: flowRules,
        table,
        podServers: nameServersOf(resolvConf),
        remote: podTransport(session.openFlow),
        ...(events.onLookup === undefined ? {} : { onLookup: events.onLookup }),
      }),
    );
    const nameServer: NameServer = {
      // Whatever a program asks a name server, whichever that is: rules may name what it asks for.
      isMine: ({ port }) => port === dnsPort,
      answer: (query, via, server) => service.answer(query, via, server),
    };
    const ways = new Ways({ rules: flowRules, table });
    const wayOf = (to: Destination): Way => ways.wayOf(to);
    const ruled = new RuledOutgoing({ openStream: session.openFlow, decide: wayOf, nameServer, process });
    const { onFlow } = events;
    const outgoing = onFlow === undefined ? ruled : new TracedOutgoing({ inner: ruled, wayOf, tell: onFlow });
    const made = new Map([
      ["/etc/resolv.conf", programsResolvConf(resolvConf)],
      ["/etc/hosts", programsHosts(hosts, flowRules)],
      ["/etc/nsswitch.conf", programsNsswitch(ownFile("/etc/nsswitch.conf"))],
    ]);
    const view: PodView = {
      addresses,
      hostname: hostname?.toString("latin1").trim().slice(0, 64) || undefined,
      outgoing,
      flowRules,
      files: { rules: plan.files, rootDescriptor: mount?.rootDescriptor ?? null, made },
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
