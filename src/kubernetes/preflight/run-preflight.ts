import { ephemeralAgents } from "../agent/agent-place.ts";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { Pod } from "../api/objects.ts";
import { KubernetesError } from "../errors.ts";
import { specProbes } from "../probes/spec-probes.ts";
import { podPort } from "../targets/find-pods.ts";
import { byGravity, type Finding } from "./finding.ts";
import { imageFindings } from "./image-findings.ts";
import { type ClusterLook, lookAtCluster, lookAtPod, type PodLook } from "./look-at-cluster.ts";
import { meshFindings } from "./mesh-findings.ts";
import { networkFindings } from "./network-findings.ts";
import { nodeFindings } from "./node-findings.ts";
import { podFindings } from "./pod-findings.ts";
import { admissionFindings } from "./pod-security-findings.ts";
import type { FoundPod, PreflightRequest } from "./preflight-request.ts";
import { probeFindings } from "./probe-findings.ts";
import { quotaFindings } from "./quota-findings.ts";
import { lackingRights, type ReviewedRight, rightsFindings, allowedForms } from "./rights-findings.ts";
import { type Seen, valueOf } from "./seen.ts";
import { serviceFindings } from "./service-findings.ts";

/** What came of a preflight. */
export interface PreflightReport {
  /** The gravest first. */
  readonly findings: readonly Finding[];
  /** Every right that this takes, and whether it is there. */
  readonly rights: readonly ReviewedRight[];
  /** Those that lack and that nothing takes the place of. */
  readonly lacking: readonly ReviewedRight[];
  /** The pod that was looked at; undefined where none was found. */
  readonly pod: Pod | undefined;
  readonly look: ClusterLook;
}

/** How long looking around may take; what was not seen by then is told as such. */
const BOUND_MS: Readonly<Record<PreflightRequest["depth"], number>> = { quick: 3_000, full: 15_000 };

/**
 * Finds out what would keep a session with a target from working, before anything is made: rights, admission, node, network, mesh,
 * probes. Reads and asks only; a trial is a dry run. What may not be looked at is a note, never a failure.
 *
 * All at once: what does not depend on the pod, and what does behind finding it.
 * @throws KubernetesError where the API server cannot be asked (`unreachable`, `unauthorized`, `credentials`); the signal's reason
 */
export async function runPreflight(
  api: KubernetesApi,
  request: PreflightRequest,
  { signal }: { readonly signal: AbortSignal },
): Promise<PreflightReport> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(BOUND_MS[request.depth])]);
  const [look, found] = await Promise.all([
    lookAtCluster(api, request, inTime),
    lookAtTarget(api, request, inTime).catch((error: unknown) => ({ error })),
  ]);
  signal.throwIfAborted();
  const pod = "error" in found ? undefined : found.pod;
  const { form } = request.features;
  const [there] = pod === undefined ? [] : ephemeralAgents(pod);
  // Who joins an agent makes none.
  const rights = there === undefined ? look.rights : look.rights.filter(({ form }) => form === undefined);
  const findings = [
    ...(there === undefined ? [] : [joins(there.name)]),
    ...rightsFindings(rights, form),
    ...("error" in found ? targetFindings(found.error, look) : []),
    ...("error" in found ? unseenPodFindings(request, look) : seenPodFindings(found, { request, look })),
  ];
  return {
    findings: byGravity(findings),
    rights: look.rights,
    lacking: lackingRights(rights, form),
    pod,
    look,
  };
}

interface LookedAt extends FoundPod {
  readonly podLook: PodLook;
}

/** @throws KubernetesError when the target is not found; the signal's reason */
async function lookAtTarget(
  api: KubernetesApi,
  request: PreflightRequest,
  signal: AbortSignal,
): Promise<LookedAt> {
  const found = await request.findPod(signal);
  return { ...found, podLook: await lookAtPod(api, { request, found, signal }) };
}

function joins(agent: string): Finding {
  return {
    id: "agent-there",
    level: "ok",
    what: `an agent runs there already (${agent}): a session joins it, and nothing is made`,
  };
}

/** Why the target's pods are not known; a missing right among the needed ones is told there. */
function targetFindings(error: unknown, look: ClusterLook): Finding[] {
  const message = error instanceof Error ? error.message : String(error);
  const isToldAlready =
    error instanceof KubernetesError &&
    error.code === "forbidden" &&
    look.rights.some(({ allowed }) => allowed === false);
  if (isToldAlready) return [];
  const fix = error instanceof KubernetesError ? fixOf(error) : "";
  return [{ id: "target", level: "blocker", what: message, ...(fix === "" ? {} : { fix }) }];
}

function fixOf({ candidates, hint = "" }: KubernetesError): string {
  const shown =
    candidates.slice(0, MAX_CANDIDATES).join(", ") + (candidates.length > MAX_CANDIDATES ? ", …" : "");
  return [...(shown === "" ? [] : [`there are: ${shown}`]), ...(hint === "" ? [] : [hint])].join("; ");
}

const MAX_CANDIDATES = 20;

interface Asked {
  readonly request: PreflightRequest;
  readonly look: ClusterLook;
}

function seenPodFindings(
  { pod, container, notes = [], podLook }: LookedAt,
  { request, look }: Asked,
): Finding[] {
  const { features, image, imagePullPolicy } = request;
  const { form } = features;
  const ports = podPorts(pod, { features, look });
  const { node, runtimeClass } = podLook;
  const isMade = ephemeralAgents(pod).length === 0;
  const isTaken = podLook.trials.some(({ said }) => said === "yes");
  return [
    ...notes.map((what): Finding => ({ id: "target", level: "ok", what })),
    ...podFindings(pod, { features: { ...features, ports }, container }),
    ...commonFindings(request, look, isMade ? podLook : undefined, isMade),
    ...nodeFindings({ pod, node, runtimeClass, form, isTaken }),
    ...(isMade ? imageFindings({ pod, node, image, imagePullPolicy, form }) : []),
    ...networkFindings(pod, look.network),
    ...meshFindings({ pod, namespaceObject: valueOf(look.targetNamespaceObject), ports, container }),
    ...(features.incoming ? probeFindings(specProbes(pod), ports) : []),
  ];
}

/** A service has numbers of its own. */
function podPorts(
  pod: Pod,
  { features, look }: { features: PreflightRequest["features"]; look: ClusterLook },
): number[] {
  const service = look.service === undefined ? undefined : valueOf(look.service);
  return features.ports.map((port) => podPort(service, port, [pod]) ?? port);
}

function unseenPodFindings(request: PreflightRequest, look: ClusterLook): Finding[] {
  return [
    ...commonFindings(request, look, undefined, true),
    ...(look.network === undefined ? [] : networkFindings(noPod, look.network)),
  ];
}

function commonFindings(
  request: PreflightRequest,
  look: ClusterLook,
  podLook: PodLook | undefined,
  isMade: boolean,
): Finding[] {
  const { namespace, features } = request;
  const forms = allowedForms(look.rights, features.form);
  // The form that will be taken.
  const form = features.form === "auto" && forms[0] === "pod" ? "pod" : features.form;
  const agentNamespace = form === "pod" ? (features.agentNamespace ?? namespace) : namespace;
  return [
    ...(isMade
      ? admissionFindings({
          namespace: agentNamespace,
          namespaceObject: look.namespaceObject,
          features: { ...features, form },
          trials: podLook?.trials ?? [],
        })
      : []),
    ...(look.service === undefined ? [] : serviceOf(look.service, features.ports)),
    ...(look.quotas === undefined || look.limitRanges === undefined
      ? []
      : quotaFindings({
          namespace: agentNamespace,
          form,
          quotas: look.quotas,
          limitRanges: look.limitRanges,
        })),
  ];
}

function serviceOf(service: NonNullable<ClusterLook["service"]>, ports: readonly number[]): Finding[] {
  const found: Seen<Parameters<typeof serviceFindings>[0]> = service;
  return "value" in found ? serviceFindings(found.value, ports) : [];
}

const noPod: Pod = { metadata: { name: "" }, spec: { containers: [] } };
