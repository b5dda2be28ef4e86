import { MAX_NAME_LENGTH, MAX_TARGET_LENGTH } from "./limits.ts";
import {
  choiceField,
  listOf,
  nameField,
  orNull,
  pairsField,
  textField,
  type Untrusted,
} from "./message-fields.ts";
import { ProtocolError } from "./errors.ts";

/**
 * A health probe or hook that the pod's spec names, as its request arrives at one port: what to know it by. What comes over the
 * port and looks so is the app's, whatever filters say, unless a session asked for probes.
 */
export interface PodProbe {
  /** For people, behind "the": `liveness probe of container web`. */
  readonly name: string;
  /** `exec` is a command in the container that asks the app over the pod's own addresses, as `curl localhost/healthz` does. */
  readonly kind: (typeof KINDS)[number];
  /** The target of the request line, with its query; null where no request tells it. */
  readonly path: string | null;
  /** Fields that the request has with these values, beside Host and User-Agent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What the field User-Agent begins with; null: the request has none. */
  readonly userAgent: string | null;
  /** Whom the ClientHello asks for; null: it names nobody. Of `https`. */
  readonly serverName: string | null;
}

const KINDS = ["http", "https", "grpc", "tcp", "exec"] as const;
/** A pod has three probes and two hooks for each container; the kubelet runs all of them. */
const MAX_PROBES = 256;
/** Fields that a probe's spec names. */
const MAX_PROBE_FIELDS = 64;

/** @throws ProtocolError `bad-message` */
export function podProbes(from: Untrusted, name: string): readonly PodProbe[] {
  const probes = listOf(from, name, podProbe);
  if (probes.length > MAX_PROBES)
    throw new ProtocolError("bad-message", `${name} must not have more than ${MAX_PROBES} entries`);
  return probes;
}

function podProbe(from: Untrusted): PodProbe {
  return {
    name: nameField(from, "name"),
    kind: choiceField(from, "kind", KINDS),
    path: orNull(from, "path", (from, field) => textField(from, field, MAX_TARGET_LENGTH)),
    headers: pairsField(from, "headers", MAX_PROBE_FIELDS),
    userAgent: orNull(from, "userAgent", nameField),
    serverName: orNull(from, "serverName", (from, field) => textField(from, field, MAX_NAME_LENGTH)),
  };
}
