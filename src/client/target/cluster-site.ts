import type { Duplex } from "node:stream";
import type {
  AgentPlacement,
  ClusterFlags,
  KubernetesApi,
  PodAgents,
  PodTicket,
  TargetReference,
} from "../../kubernetes/index.ts";
import type { PodProbe } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { AskedPorts } from "./asked-ports.ts";
import type { AgentSite, AgentTicket } from "./agent-site.ts";
import { clusterCare } from "./cluster-care.ts";
import { ClusterGate } from "./cluster-gate.ts";
import type { WantedPlacement } from "./cluster-placement.ts";

interface Found {
  readonly agents: PodAgents;
  readonly probesOf: (port: number) => readonly PodProbe[];
}

/** The pod that a target of a cluster stands for, found when it is needed. */
export class ClusterPod {
  readonly #reference: TargetReference;
  readonly #choice: ClusterFlags;
  readonly #wanted: WantedPlacement;
  readonly #asked: AskedPorts;
  readonly #gate = new ClusterGate();
  #api: Promise<KubernetesApi> | undefined;
  #found: Found | undefined;

  constructor(options: {
    reference: TargetReference;
    choice: ClusterFlags;
    wanted: WantedPlacement;
    asked: AskedPorts;
  }) {
    this.#reference = options.reference;
    this.#choice = options.choice;
    this.#wanted = options.wanted;
    this.#asked = options.asked;
  }

  /** Whether it has been found. */
  get isKnown(): boolean {
    return this.#found !== undefined;
  }

  /** The agents beside the pod that was found before, or is found now. @throws KubernetesError */
  async agents(about: { signal: AbortSignal | undefined }): Promise<PodAgents> {
    return (this.#found ?? (await this.#find(about))).agents;
  }

  /** The same with a pod that is ready now: the one of before may be gone. `onNote` hears what may be of use. */
  async agentsNow(about: {
    signal: AbortSignal | undefined;
    onNote: ((note: string) => void) | undefined;
  }): Promise<PodAgents> {
    return (await this.#find(about)).agents;
  }

  /** What the pod's spec says of probes of a port; nothing before it is found. */
  probesOf(port: number): readonly PodProbe[] {
    return this.#found?.probesOf(port) ?? [];
  }

  async #find(about: {
    signal: AbortSignal | undefined;
    onNote?: ((note: string) => void) | undefined;
  }): Promise<Found> {
    const { defaultPlacement, findPods, KubernetesApi, PodAgents, probesOnPort, specProbes } = await import(
      "../../kubernetes/index.ts"
    );
    this.#api ??= KubernetesApi.open(this.#choice);
    const api = await this.#api;
    const { pods, notes } = await findPods(api, this.#reference, {
      port: this.#asked.ports[0],
      signal: about.signal,
    });
    for (const note of notes) about.onNote?.(note);
    const [first] = pods;
    if (first === undefined) throw new Error("a target has at least one pod");
    const { namespace, name, container } = first;
    if (this.#reference.kind !== "pod") about.onNote?.(`looking for an agent in pod ${name}`);
    const placement = wholePlacement(this.#wanted, defaultPlacement);
    const target = { namespace, pod: name, container: container.name };
    const probes = specProbes(first.pod);
    this.#found = {
      agents: new PodAgents({
        ...{ api, target, placement },
        beforePlacing: this.#gate.of({
          ...{ api, placement, reference: this.#reference, asked: this.#asked },
          container: container.name,
        }),
      }),
      probesOf: (port) => probesOnPort(probes, port),
    };
    return this.#found;
  }
}

/** What is not said is as usual. */
export function wholePlacement(wanted: WantedPlacement, usual: AgentPlacement): AgentPlacement {
  return { ...usual, ...wanted, pod: { ...usual.pod, ...wanted.pod } };
}

/** The agent beside a pod of a cluster, reached through the API server only. */
export function clusterSite(pod: Pick<ClusterPod, "isKnown" | "agents" | "agentsNow">): AgentSite {
  return {
    ticketOfRunning: ({ signal }) =>
      translated(async () => {
        const wasKnown = pod.isKnown;
        try {
          const ticket = await (await pod.agents({ signal })).ticketOfRunning({ signal });
          return ticket && ticketOf(ticket);
        } catch (error) {
          // A pod that is gone has no agent.
          if (wasKnown && isNotFound(error)) return undefined;
          throw error;
        }
      }),
    ticket: ({ redirect, drainMaxMs, limits, looksIntoApp = false }, options) =>
      translated(async () => {
        const { signal, onStarting, onProgress, onWarning } = options;
        const settings = {
          ...{ redirect, drainMaxMs, limits },
          looksIntoApp: looksIntoApp !== false,
          takesSmaller: looksIntoApp === "if-started",
        };
        const agents = await pod.agentsNow({ signal, onNote: onProgress });
        return ticketOf(await agents.ticket(settings, { signal, onStarting, onProgress, onWarning }));
      }),
    connect: ({ port }, { signal }) =>
      translated(async (): Promise<Duplex> => (await pod.agents({ signal })).connect(port, { signal })),
    // The API server knows; it is asked when a session comes back.
    presence: () => "unknown",
    left: async ({ agent }, { signal }) => {
      try {
        await (await pod.agents({ signal })).left(agent, { signal });
      } catch {
        // It ends by itself; whoever comes next takes away what is left of it.
      }
    },
    care: clusterCare(pod, translated),
    logHint: "`kubectl logs` shows its log, and `kubectl describe pod` what its node says of it.",
  };
}

function ticketOf({ ticket, port, pid, place, isStarted, looksIntoApps }: PodTicket): AgentTicket {
  return { ticket, port, pid, agent: place.name, isStarted, looksIntoApp: looksIntoApps };
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "not-found";
}

/** Says in the client's words what a cluster refuses. @throws ClientError in place of KubernetesError */
export async function translated<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ClientError || !(error instanceof Error) || error.name !== "KubernetesError")
      throw error;
    const { KubernetesError } = await import("../../kubernetes/index.ts");
    const { clusterError } = await import("./cluster-error.ts");
    throw error instanceof KubernetesError ? clusterError(error) : error;
  }
}
