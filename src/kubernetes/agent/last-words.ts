import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { ContainerState, Pod } from "../api/objects.ts";
import { resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import { type AgentPlace, statusOf } from "./agent-place.ts";

/** Why an agent did not start, in its own words where they can be had. */
export interface LastWords {
  /** `already-running`, `start-failed`, or nothing where it said nothing. */
  readonly event: string | undefined;
  readonly error: KubernetesError;
}

const tailLines = 20;
const maxLogBytes = 64 * 1024;
/** A kubelet tells what has become of its containers once a second. */
const looks = 8;
const lookMs = 350;

/** Reads the end of an agent's log, or what the kubelet says of its container. @throws the signal's reason */
export async function lastWords(
  api: KubernetesApi,
  place: AgentPlace,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<LastWords> {
  const { signal } = options;
  const { namespace, pod, container } = place;
  const state = await endOf(api, place, signal);
  const how = howItEnded(state);
  const hint = `\`kubectl logs -n ${namespace} ${pod} -c ${container}\` shows its log.`;
  let said: { readonly code?: unknown; readonly message?: unknown; readonly hint?: unknown } | undefined;
  try {
    said = failureIn(await logOf(api, place, signal));
  } catch (error) {
    signal?.throwIfAborted();
    // Whoever may not read logs has the kubelet's word.
    if (!(error instanceof KubernetesError)) throw error;
  }
  if (typeof said?.message !== "string") {
    const message = `the agent (${place.name}) did not start: ${how}`;
    return { event: undefined, error: new KubernetesError("failed", message, { hint }) };
  }
  return {
    event: typeof said.code === "string" ? said.code : undefined,
    error: new KubernetesError("failed", `the agent (${place.name}) could not start: ${said.message}`, {
      hint: typeof said.hint === "string" ? said.hint : hint,
    }),
  };
}

async function endOf(
  api: KubernetesApi,
  { namespace, pod: name, container }: AgentPlace,
  signal: AbortSignal | undefined,
): Promise<ContainerState | undefined> {
  let state: ContainerState | undefined;
  for (let look = 0; look < looks; look++) {
    if (look > 0) await sleep(lookMs, undefined, { signal });
    state = statusOf(await api.get<Pod>(resources.pods, { namespace, name }, { signal }), container)?.state;
    if (state?.terminated !== undefined) break;
  }
  return state;
}

function howItEnded(state: ContainerState | undefined): string {
  const { terminated } = state ?? {};
  if (terminated === undefined) return "it runs, and gives no ticket";
  const { exitCode, reason = "", message = "" } = terminated;
  return [`it ended with ${exitCode}`, reason, message].filter((part) => part !== "").join(", ");
}

async function logOf(
  api: KubernetesApi,
  place: AgentPlace,
  signal: AbortSignal | undefined,
): Promise<string> {
  const log = await api.logs(place, { tailLines, limitBytes: maxLogBytes, signal });
  let text = "";
  for await (const chunk of log.setEncoding("utf8")) text += String(chunk);
  return text;
}

/** The agent's verdict about its own start is one line of JSON. */
function failureIn(log: string): { code?: unknown; message?: unknown; hint?: unknown } | undefined {
  for (const line of log.split("\n").toReversed()) {
    if (!line.startsWith('{"event":"failed"')) continue;
    try {
      return JSON.parse(line) as { code?: unknown; message?: unknown; hint?: unknown }; // Looked at by the caller.
    } catch {
      return undefined;
    }
  }
  // What it says when it cannot even begin: a wrong option, a module that is missing.
  const plain = /^magpie-agent: (.+)$/m.exec(log)?.[1];
  return plain === undefined ? undefined : { message: plain };
}
