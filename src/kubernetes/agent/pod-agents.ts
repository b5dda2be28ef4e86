import type { Duplex, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecResult } from "../api/exec.ts";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { ContainerState, Pod } from "../api/objects.ts";
import { resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import { explainRefusal, mayTryPod } from "./admission.ts";
import {
  type AgentSettings,
  endCommand,
  inUseExitCode,
  noAgentExitCode,
  ticketCommand,
} from "./agent-arguments.ts";
import {
  agentPodLabels,
  type AgentPlace,
  endedAgents,
  ephemeralAgents,
  pendingAgents,
  placeIn,
  placeOfPod,
  podAgents,
  seesContainer,
  statusOf,
  targetLabel,
} from "./agent-place.ts";
import { ephemeralAgent } from "./ephemeral-agent.ts";
import { pinnedAgent } from "./pinned-agent.ts";
import type { AgentPlacement } from "./placement.ts";
import { type IssuedTicket, readTicket } from "./read-ticket.ts";
import { waitForAgent } from "./wait-for-agent.ts";
import { lastWords } from "./last-words.ts";

/** A ticket, and which agent gave it. */
export interface PodTicket extends IssuedTicket {
  readonly place: AgentPlace;
  readonly isStarted: boolean;
  /** Whether it has the rights to look into some app. */
  readonly mayLook: boolean;
}

/** Which container of which pod. */
export interface PodContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

interface Waiting {
  readonly onProgress?: ((message: string) => void) | undefined;
  /** What people should know of, and what is done in spite of it. */
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Looks whether an agent can be placed, before one is. @throws KubernetesError when it cannot; the signal's reason */
export type BeforePlacing = (about: {
  readonly pod: Pod;
  readonly settings: AgentSettings;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}) => Promise<void>;

/** So long the ticket's command waits for an agent whose container has just begun, before it is looked whether that still runs. */
const startingMs = 5_000;
/** So long an agent that somebody else has begun is waited for, instead of adding another one for good. */
const pendingMs = 15_000;
const lookAgainMs = 300;
/** Whoever ends a command waits for no more. */
const takeAwayMs = 3_000;

/**
 * The agents beside one pod: finds the one that runs, whoever started it and whatever it is called, or places one. Everything goes
 * through the API server, and its access control decides: whoever may run a program in the agent's container gets a ticket.
 * Keeps nothing that has to be closed.
 */
export class PodAgents {
  readonly #api: KubernetesApi;
  readonly #target: PodContainer;
  readonly #placement: AgentPlacement;
  readonly #beforePlacing: BeforePlacing | undefined;
  /** Agents that are pods of their own and have given us tickets, by their names. */
  readonly #pods = new Map<string, AgentPlace>();

  constructor(options: {
    api: KubernetesApi;
    target: PodContainer;
    placement: AgentPlacement;
    beforePlacing?: BeforePlacing;
  }) {
    this.#beforePlacing = options.beforePlacing;
    this.#api = options.api;
    this.#target = options.target;
    this.#placement = options.placement;
  }

  /** A ticket of the agent that serves; undefined when none does. @throws KubernetesError; the signal's reason */
  async ticketOfRunning(options: Waiting = {}): Promise<PodTicket | undefined> {
    return await this.#ticketAt(await this.#pod(options), options);
  }

  /**
   * The same, and places an agent where none serves. `onStarting` is called when it has been placed.
   * @throws KubernetesError as errors.ts says; the signal's reason
   */
  async ticket(
    settings: AgentSettings,
    options: Waiting & { readonly onStarting?: (() => void) | undefined } = {},
  ): Promise<PodTicket> {
    const pod = await this.#pod(options);
    const running = (await this.#ticketAt(pod, options)) ?? (await this.#pending(pod, options));
    if (running !== undefined && !(await this.#isTooSmall(running, settings, options))) return running;
    const place = await this.#place(pod, settings, options);
    options.onStarting?.();
    try {
      return await this.#started(place, options);
    } catch (error) {
      await this.#takeAway(place);
      throw error;
    }
  }

  /** The ticket of an agent that was placed, or of the one that was faster. @throws KubernetesError; the signal's reason */
  async #started(place: AgentPlace, options: Waiting): Promise<PodTicket> {
    const { image, startTimeoutMs: timeoutMs } = this.#placement;
    const untilMs = performance.now() + timeoutMs;
    const state = await waitForAgent(this.#api, { place, image, timeoutMs, ...options });
    const started = state.running && (await this.#askStarting(place, untilMs, options));
    if (started !== undefined) return { ...started, mayLook: started.looksIntoApps, place, isStarted: true };
    const failure = await lastWords(this.#api, place, options);
    // Two clients may do so at once: one agent has the place, the other one ends, and its client joins the first.
    const other =
      failure.event === "already-running" ? await this.#winner(options) : await this.ticketOfRunning(options);
    if (other === undefined) throw failure.error;
    await this.#takeAway(place);
    return other;
  }

  /** A pod that was made for nothing is deleted; an ephemeral container cannot be. Never rejects. */
  async #takeAway({ form, namespace, pod: name }: AgentPlace): Promise<void> {
    if (form !== "pod") return;
    try {
      await this.#api.delete(resources.pods, { namespace, name }, { timeoutMs: takeAwayMs, graceSeconds: 0 });
    } catch {
      // Who may not, leaves it to its deadline, and to the garbage collector when its target goes.
    }
  }

  /**
   * Whether an agent has fewer rights than are wanted: one that was started for requests only sees no variables and no files. Where
   * nobody uses it, it is ended for one that may.
   * @throws KubernetesError `conflict` when somebody does
   */
  async #isTooSmall(
    { looksIntoApps, mayLook, place }: PodTicket,
    settings: AgentSettings,
    { onProgress, signal }: Waiting,
  ): Promise<boolean> {
    if (!settings.looksIntoApp || settings.takesSmaller === true || looksIntoApps) return false;
    const { namespace, pod, container } = place;
    const isElsewhere = place.app !== undefined && mayLook;
    const why = isElsewhere
      ? `looks into another container than ${this.#target.container}`
      : "was started for requests only";
    onProgress?.(`the agent that runs (${place.name}) ${why}: another one takes its place`);
    const { exitCode } = await this.#api.execToEnd({
      namespace,
      pod,
      container,
      command: endCommand,
      signal,
    });
    if (exitCode === 0 || exitCode === noAgentExitCode) return true;
    throw new KubernetesError(
      "conflict",
      `the agent that runs (${place.name}) ${why}, and others use it: it may not look into the app`,
      {
        hint: isElsewhere
          ? "`magpie sessions` shows who. Once they have left, run it again."
          : "`magpie sessions` shows who. Once they have left, run it again; or they begin with --agent-looks.",
      },
    );
  }

  /**
   * Deletes the agent of this name if it is a pod of its own that nobody uses any more. What is under way through it may end, for the
   * time that a pod has to go.
   * @throws KubernetesError; the signal's reason
   */
  async left(name: string, options: { readonly signal: AbortSignal }): Promise<void> {
    const place = this.#pods.get(name);
    if (place === undefined) return;
    const ticket = await this.#ask(place, 0, options);
    if (ticket !== undefined && ticket.sessions > 0) return;
    const { namespace, pod } = place;
    await this.#api.delete(resources.pods, { namespace, name: pod }, options);
    this.#pods.delete(name);
  }

  /** When the one that runs began, milliseconds since the epoch; undefined when none does. @throws KubernetesError; the signal's reason */
  async startedAt(options: Waiting): Promise<number | undefined> {
    const [place] = await this.#running(await this.#pod(options), options);
    if (place === undefined) return undefined;
    const { namespace, pod: name } = place;
    const pod = await this.#api.get<Pod>(resources.pods, { namespace, name }, options);
    const at = statusOf(pod, place.container)?.state?.running?.startedAt;
    return at === undefined ? undefined : Date.parse(at);
  }

  /** What the one that runs has written, or else the one that ended last; undefined when none ever ran. The caller reads it. */
  async log(
    options: Waiting & { readonly tailLines: number; readonly follow: boolean },
  ): Promise<Readable | undefined> {
    const pod = await this.#pod(options);
    const [place] = [...(await this.#running(pod, options)), ...endedAgents(pod)];
    const { tailLines, follow, signal } = options;
    return place && (await this.#api.logs(place, { tailLines, follow, signal }));
  }

  /** Ends the one that runs, unless somebody uses it. @throws KubernetesError; the signal's reason */
  async end(options: Waiting): Promise<"ended" | "none" | "in-use"> {
    let end: "ended" | "none" = "none";
    for (const place of await this.#running(await this.#pod(options), options)) {
      const { namespace, pod, container } = place;
      const command = endCommand;
      const { signal } = options;
      const result = await this.#api.execToEnd({ namespace, pod, container, command, signal });
      if (result.exitCode === inUseExitCode) return "in-use";
      if (result.exitCode === 0) end = "ended";
      else if (result.exitCode !== noAgentExitCode)
        throw new KubernetesError("failed", `the agent (${place.name}) could not be ended`);
    }
    return end;
  }

  /** A connection to a port of the pod's loopback. @throws KubernetesError; the signal's reason */
  async connect(port: number, { signal }: Pick<Waiting, "signal">): Promise<Duplex> {
    const { namespace, pod } = this.#target;
    return await this.#api.portForward({ namespace, pod, port, signal });
  }

  async #pod({ signal }: Waiting): Promise<Pod> {
    const { namespace, pod: name } = this.#target;
    return await this.#api.get<Pod>(resources.pods, { namespace, name }, { signal });
  }

  /** Asks all agents that run. One that drains gives no ticket. */
  async #ticketAt(pod: Pod, options: Waiting): Promise<PodTicket | undefined> {
    for (const place of await this.#running(pod, options)) {
      const ticket = await this.#ask(place, 0, options);
      if (ticket !== undefined) return this.#joining(ticket, { place, pod });
    }
    return undefined;
  }

  /** One that is beside another container of the pod has its requests, and not its processes. */
  #joining(ticket: IssuedTicket, { place, pod }: { place: AgentPlace; pod: Pod }): PodTicket {
    const looksIntoApps = ticket.looksIntoApps && seesContainer(place, pod, this.#target.container);
    return { ...ticket, mayLook: ticket.looksIntoApps, looksIntoApps, place, isStarted: false };
  }

  async #running(pod: Pod, options: Waiting): Promise<AgentPlace[]> {
    return [...ephemeralAgents(pod), ...(await this.#pinned(pod, options))];
  }

  /** Agents that are pods of their own. Who may not list pods there cannot join them either. */
  async #pinned({ metadata }: Pod, { signal }: Waiting): Promise<AgentPlace[]> {
    const namespace = this.#placement.pod.namespace ?? this.#target.namespace;
    try {
      // Those beside other pods as well: what a client that was killed has left is taken away by whoever comes next.
      const labelSelector = Object.entries(agentPodLabels)
        .map((pair) => pair.join("="))
        .join(",");
      const { items } = await this.#api.list<Pod>(resources.pods, { namespace, labelSelector, signal });
      await this.#sweep(items, signal);
      return podAgents(items.filter((one) => one.metadata.labels?.[targetLabel] === metadata.uid));
    } catch (error) {
      if (error instanceof KubernetesError && error.code === "forbidden") return [];
      throw error;
    }
  }

  /** What has ended is of no more use to anybody. */
  async #sweep(pods: readonly Pod[], signal: AbortSignal | undefined): Promise<void> {
    const over = pods.filter(({ status }) => status?.phase === "Succeeded" || status?.phase === "Failed");
    const bounds = { signal, timeoutMs: takeAwayMs };
    // Who may not, leaves them to the garbage collector: they go with their target.
    await Promise.allSettled(
      over.map(({ metadata: { namespace, name } }) =>
        this.#api.delete(resources.pods, { namespace, name }, bounds),
      ),
    );
  }

  /** Somebody else's agent that is about to run is waited for, unless it waits for something that will not come. */
  async #pending(pod: Pod, options: Waiting): Promise<PodTicket | undefined> {
    const [place] = pendingAgents(pod);
    if (place === undefined) return undefined;
    options.onProgress?.(`waiting for an agent that is about to run: ${place.name}`);
    try {
      const { image } = this.#placement;
      const state = await waitForAgent(this.#api, { place, image, timeoutMs: pendingMs, ...options });
      const ticket = state.running === undefined ? undefined : await this.#ask(place, startingMs, options);
      return ticket && this.#joining(ticket, { place, pod });
    } catch (error) {
      if (error instanceof KubernetesError && (error.code === "failed" || error.code === "timeout"))
        return undefined;
      throw error;
    }
  }

  /** The agent that was faster than ours. Its container may not be told to run yet. */
  async #winner(options: Waiting): Promise<PodTicket | undefined> {
    const untilMs = performance.now() + pendingMs;
    for (;;) {
      const ticket = await this.ticketOfRunning(options);
      if (ticket !== undefined || performance.now() > untilMs) return ticket;
      await sleep(lookAgainMs, undefined, { signal: options.signal });
    }
  }

  async #place(pod: Pod, settings: AgentSettings, options: Waiting): Promise<AgentPlace> {
    const { form } = this.#placement;
    const { onWarning = () => undefined, signal } = options;
    if (this.#beforePlacing !== undefined)
      options.onProgress?.(`preflight: rights, policies and node of pod ${pod.metadata.name}`);
    await this.#beforePlacing?.({ pod, settings, onWarning, signal });
    if (form === "pod") return await this.#placePod(pod, settings, options);
    try {
      return await this.#placeEphemeral(pod, settings, options);
    } catch (error) {
      if (form === "ephemeral" || !mayTryPod(error)) throw error;
      const why = error instanceof Error ? error.message : String(error);
      options.onProgress?.(`${why}; trying a pod on its node`);
      // What was wanted first says more: the pod takes greater rights.
      return await this.#placePod(pod, settings, options).catch((second: unknown) => {
        throw mayTryPod(second) ? bothRefused(error, second) : second;
      });
    }
  }

  async #placeEphemeral(
    pod: Pod,
    settings: AgentSettings,
    { onProgress, signal }: Waiting,
  ): Promise<AgentPlace> {
    const { namespace, pod: name, container } = this.#target;
    onProgress?.(`putting an agent into pod ${name}`);
    const placed = ephemeralAgent({ pod, container, placement: this.#placement, settings });
    try {
      await this.#api.addEphemeralContainer({ namespace, name }, placed, { signal });
    } catch (error) {
      throw explainRefusal(error, { form: "ephemeral", namespace });
    }
    const place = placeIn(pod, placed);
    onProgress?.(`starting ${place.name}, which stays listed there until the pod goes`);
    return place;
  }

  async #placePod(pod: Pod, settings: AgentSettings, { onProgress, signal }: Waiting): Promise<AgentPlace> {
    const { container } = this.#target;
    onProgress?.(`making a pod for an agent on the node of ${pod.metadata.name}`);
    const manifest = pinnedAgent({ pod, container, placement: this.#placement, settings });
    const namespace = manifest.metadata.namespace ?? "default";
    try {
      return placeOfPod(await this.#api.create<Pod>(resources.pods, manifest, { namespace, signal }));
    } catch (error) {
      throw explainRefusal(error, { form: "pod", namespace });
    }
  }

  /** Asks an agent that starts, as long as its container runs: on a node that is busy a program takes its time to begin. */
  async #askStarting(
    place: AgentPlace,
    untilMs: number,
    options: Waiting,
  ): Promise<IssuedTicket | undefined> {
    const { namespace, pod: name, container } = place;
    for (;;) {
      const ticket = await this.#ask(place, startingMs, options);
      if (ticket !== undefined || performance.now() > untilMs) return ticket;
      const pod = await this.#api.get<Pod>(resources.pods, { namespace, name }, { signal: options.signal });
      if (statusOf(pod, container)?.state?.running === undefined) return undefined;
    }
  }

  /** Runs the ticket's command in the agent's container. The answer is a secret: it is in no message and no log. */
  async #ask(place: AgentPlace, waitMs: number, options: Waiting): Promise<IssuedTicket | undefined> {
    const command = ticketCommand({ waitMs });
    try {
      const { exitCode, stdout, stderr } = await this.#runIn(place, { command, waitMs, ...options });
      if (exitCode === 0) {
        if (place.form === "pod") this.#pods.set(place.name, place);
        return readTicket(stdout);
      }
      if (exitCode === noAgentExitCode || (await this.#hasEnded(place, options))) return undefined;
      const said = stderr.trim().split("\n").at(-1)?.trim() || `it ended with ${exitCode}`;
      throw new KubernetesError("failed", `the agent (${place.name}) gave no ticket: ${said}`);
    } catch (error) {
      if (mayHaveEnded(error) && (await this.#hasEnded(place, options))) return undefined;
      throw error;
    }
  }

  /**
   * Runs a command beside an agent. One that has just begun may not be there for its runtime yet, which says so in its own words
   * ("container not found", "not created or running"): then it is tried again, for `waitMs`.
   */
  async #runIn(
    place: AgentPlace,
    about: { readonly command: readonly string[]; readonly waitMs: number } & Pick<Waiting, "signal">,
  ): Promise<ExecResult> {
    const { command, waitMs, signal } = about;
    const { namespace, pod, container } = place;
    const untilMs = performance.now() + waitMs;
    for (;;) {
      try {
        return await this.#api.execToEnd({ namespace, pod, container, command, signal });
      } catch (error) {
        if (performance.now() > untilMs || !mayHaveEnded(error)) throw error;
        if (await this.#hasEnded(place, { signal, withinMs: 0 })) throw error;
        await sleep(lookAgainMs, undefined, { signal });
      }
    }
  }

  async #hasEnded(
    { namespace, pod: name, container }: AgentPlace,
    { signal, withinMs = endingMs }: Pick<Waiting, "signal"> & { readonly withinMs?: number },
  ): Promise<boolean> {
    const untilMs = performance.now() + withinMs;
    for (;;) {
      let state: ContainerState | undefined;
      try {
        const pod = await this.#api.get<Pod>(resources.pods, { namespace, name }, { signal });
        state = statusOf(pod, container)?.state;
      } catch (error) {
        if (error instanceof KubernetesError && error.code === "not-found") return true;
        throw error;
      }
      if (state?.terminated !== undefined) return true;
      if (performance.now() > untilMs) return false;
      await sleep(lookAgainMs, undefined, { signal });
    }
  }
}

/** What is said of a container that runs no more, or not yet. */
function mayHaveEnded(error: unknown): boolean {
  return (
    error instanceof KubernetesError && ["failed", "unreachable", "not-found", "invalid"].includes(error.code)
  );
}

function bothRefused(first: unknown, second: unknown): unknown {
  if (!(first instanceof KubernetesError) || !(second instanceof KubernetesError)) return first;
  return new KubernetesError(
    first.code,
    `${first.message}; nor can it be a pod on its node: ${second.message}`,
    {
      cause: first,
      hint: first.hint ?? second.hint,
      missing: first.missing,
    },
  );
}

/** A kubelet tells what has become of its containers once a second. */
const endingMs = 2_500;
