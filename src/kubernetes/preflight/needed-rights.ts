import { type AccessAttributes, formatAccess } from "../errors.ts";
import { type Resource, resources } from "../api/resource.ts";
import { resourceOf } from "../targets/named-object.ts";
import type { TargetReference } from "../targets/target-reference.ts";
import type { AskedFeatures } from "./preflight-request.ts";

/** One thing that must be allowed. */
export interface NeededRight {
  readonly access: AccessAttributes;
  /** As the end of a sentence that begins with "it is needed". */
  readonly purpose: string;
  /** Only for one of the two forms of the agent. */
  readonly form?: "ephemeral" | "pod";
  /** Another verb that will do, up to this minor version of Kubernetes 1. */
  readonly orElse?: { readonly verb: string; readonly untilMinor: number };
  /** What is lost without it, where the rest works; a sentence. */
  readonly without?: string;
}

/**
 * A stream by SPDY takes `create`, in every version. One by WebSocket takes `get`, and since 1.35 `create` as well (KEP-4006): where
 * that is refused SPDY is taken.
 */
const byWebSocket = { verb: "get", untilMinor: 34 } as const;

/** The rights that a session with a target takes, and no more. */
export function neededRights(about: {
  readonly namespace: string;
  readonly reference: Pick<TargetReference, "kind" | "name">;
  readonly features: AskedFeatures;
  /** What a rollout stands for, whose selector it has; see `workloadOfRollout`. */
  readonly standsFor?: { readonly resource: Resource; readonly name: string } | undefined;
}): NeededRight[] {
  const { namespace, reference, features, standsFor } = about;
  const agentNamespace = features.agentNamespace ?? namespace;
  const pods = right(namespace);
  const agents = right(agentNamespace);
  const ephemeral: NeededRight[] = [
    pods("patch", resources.pods, {
      subresource: "ephemeralcontainers",
      purpose: "to put the agent beside the app",
      form: "ephemeral",
    }),
  ];
  const pod: NeededRight[] = [
    agents("create", resources.pods, { purpose: "to put the agent on the pod's node", form: "pod" }),
    ...(agentNamespace === namespace
      ? []
      : [
          agents("get", resources.pods, { purpose: "to see the agent start", form: "pod" }),
          agents("list", resources.pods, { purpose: "to find the agent again", form: "pod" }),
        ]),
  ];
  const isElsewhere = features.form === "pod" && agentNamespace !== namespace;
  return [
    ...targetRights(namespace, reference),
    ...(standsFor === undefined
      ? []
      : [
          pods("get", standsFor.resource, {
            name: standsFor.name,
            purpose: "to see whose pods the rollout has",
          }),
        ]),
    ...(features.form === "pod" ? [] : ephemeral),
    ...(features.form === "ephemeral" ? [] : pod),
    (isElsewhere ? agents : pods)("create", resources.pods, {
      subresource: "exec",
      purpose: "to be admitted by the agent: it gives a ticket to whoever may run a command beside it",
      orElse: byWebSocket,
    }),
    pods("create", resources.pods, {
      subresource: "portforward",
      purpose: "to reach the agent through the API server",
      orElse: byWebSocket,
    }),
  ];
}

/** What finding the target's pods takes; see src/kubernetes/targets. */
function targetRights(
  namespace: string,
  { kind, name }: Pick<TargetReference, "kind" | "name">,
): NeededRight[] {
  const of = right(namespace);
  const purpose = "to find the target and its pods";
  const pods = [
    of("get", resources.pods, { purpose: "to see the target's pod and the agent in it" }),
    of("list", resources.pods, { purpose }),
  ];
  if (kind === "pod") return pods;
  pods.push(
    of("watch", resources.pods, {
      purpose: "to join pods that appear later, and leave those that go",
      without: "pods that appear later are not joined",
    }),
  );
  if (kind === "label") return pods;
  const jobs = kind === "cronjob" ? [of("list", resources.jobs, { purpose })] : [];
  return [of("get", resourceOf[kind], { name, purpose }), ...jobs, ...pods];
}

function right(namespace: string) {
  return (
    verb: string,
    { group, plural }: Resource,
    about: {
      readonly subresource?: string;
      readonly name?: string;
      readonly purpose: string;
      readonly form?: "ephemeral" | "pod";
      readonly orElse?: NeededRight["orElse"];
      readonly without?: string;
    },
  ): NeededRight => {
    const { subresource, name, purpose, form, orElse, without } = about;
    return {
      access: {
        ...{ verb, group, resource: plural, namespace },
        ...(subresource === undefined ? {} : { subresource }),
        ...(name === undefined ? {} : { name }),
      },
      purpose,
      ...(form === undefined ? {} : { form }),
      ...(orElse === undefined ? {} : { orElse }),
      ...(without === undefined ? {} : { without }),
    };
  };
}

/** `get deployments.apps web in namespace shop` */
export function rightText(access: AccessAttributes): string {
  if (access.name === undefined) return formatAccess(access);
  return formatAccess(access).replace(" in ", ` ${access.name} in `);
}
