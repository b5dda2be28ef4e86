import type { AgentPlacement, PodPlacement } from "../../kubernetes/index.ts";
import { ClientError } from "../errors.ts";
import { parseDuration } from "../text/duration.ts";
import { isRecord, parseJson } from "../text/json.ts";

/** How an agent in a cluster is placed, as flags say it; all may be absent. */
export interface ClusterAgentFlags {
  readonly agent?: AgentPlacement["form"];
  readonly agentImage?: string;
  readonly agentPullPolicy?: NonNullable<AgentPlacement["imagePullPolicy"]>;
  readonly agentPullSecret?: readonly string[];
  readonly agentRequests?: string;
  readonly agentLimits?: string;
  readonly agentToleration?: readonly string[];
  readonly agentLabel?: readonly string[];
  readonly agentAnnotation?: readonly string[];
  readonly agentLooks?: boolean;
  readonly agentSecurity?: string;
  readonly agentRuntimeClass?: string;
  readonly agentDeadline?: string;
  readonly agentTimeout?: string;
  readonly agentLinger?: string;
}

/** What was said of it; what is left out is as the room of the cluster has it. */
export type WantedPlacement = Partial<Omit<AgentPlacement, "pod">> & { readonly pod: Partial<PodPlacement> };

/** Reads the flags. @throws ClientError `usage` with the flag that is wrong and what to write */
export function placementOf(flags: ClusterAgentFlags, namespace: string | undefined): WantedPlacement {
  const { agentRequests, agentLimits } = flags;
  const resources =
    agentRequests === undefined && agentLimits === undefined
      ? undefined
      : {
          ...given("requests", agentRequests, (text) =>
            pairs("--agent-requests", [text], "cpu=50m,memory=64Mi"),
          ),
          ...given("limits", agentLimits, (text) => pairs("--agent-limits", [text], "cpu=1,memory=512Mi")),
        };
  return {
    ...given("form", flags.agent),
    ...given("image", flags.agentImage, image),
    ...given("imagePullPolicy", flags.agentPullPolicy),
    ...given("looks", flags.agentLooks),
    ...given("securityContext", flags.agentSecurity, security),
    ...given("lingerMs", flags.agentLinger, (text) => duration("--agent-linger", text)),
    ...given("startTimeoutMs", flags.agentTimeout, (text) => duration("--agent-timeout", text)),
    pod: {
      ...given("namespace", namespace),
      ...given("pullSecrets", flags.agentPullSecret),
      ...given("resources", resources),
      ...given("tolerations", flags.agentToleration, (texts) => texts.map(toleration)),
      ...given("labels", flags.agentLabel, (texts) => pairs("--agent-label", texts, "team=shop")),
      ...given("annotations", flags.agentAnnotation, (texts) =>
        pairs("--agent-annotation", texts, "a.example/b=c"),
      ),
      ...given("runtimeClass", flags.agentRuntimeClass),
      ...given("deadlineSeconds", flags.agentDeadline, (text) =>
        Math.max(1, Math.ceil(duration("--agent-deadline", text) / 1_000)),
      ),
    },
  };
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value };
function given<Name extends string, Value, Read>(
  name: Name,
  value: Value | undefined,
  read: (value: Value) => Read,
): { readonly [Key in Name]?: Read };
function given(name: string, value: unknown, read?: (value: unknown) => unknown): object {
  if (value === undefined) return {};
  return { [name]: read === undefined ? value : read(value) };
}

function image(text: string): string {
  if (/^[\w./:@-]{1,500}$/.test(text)) return text;
  throw wrong(
    "--agent-image",
    text,
    "Write an image with a tag or a digest: registry.example/magpie-agent@sha256:….",
  );
}

function duration(flag: string, text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return durationMs;
  throw wrong(flag, text, "Write a number and its unit, like 30s, 10m or 12h.");
}

function pairs(flag: string, texts: readonly string[], example: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const text of texts.flatMap((one) => one.split(","))) {
    const equals = text.indexOf("=");
    if (equals < 1) throw wrong(flag, text, `Write it like ${example}.`);
    found[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return found;
}

/** `key=value:Effect`, `key:Effect`, `key` or `*`, as taints are written for kubectl. */
function toleration(text: string): object {
  if (text === "*") return { operator: "Exists" };
  const [, key = "", value, effect] =
    /^([^=:\s]+)(?:=([^:\s]*))?(?::(NoSchedule|PreferNoSchedule|NoExecute))?$/.exec(text) ?? [];
  if (key === "")
    throw wrong(
      "--agent-toleration",
      text,
      "Write it as a taint is written: key=value:NoSchedule, key:NoExecute, or *.",
    );
  return {
    key,
    ...(value === undefined ? { operator: "Exists" } : { operator: "Equal", value }),
    ...(effect === undefined ? {} : { effect }),
  };
}

function security(text: string): object {
  const value = parseJson(text);
  if (isRecord(value)) return value;
  throw wrong(
    "--agent-security",
    text,
    `Write a securityContext as JSON: '{"readOnlyRootFilesystem":true}'.`,
  );
}

function wrong(flag: string, text: string, hint: string): ClientError {
  return new ClientError("usage", `${flag} ${JSON.stringify(text)} cannot be read`, { hint });
}
