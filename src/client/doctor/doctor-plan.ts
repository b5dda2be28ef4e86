import { ClientError } from "../errors.ts";
import type { ClusterAgentFlags, ClusterChoice } from "../target/index.ts";

/** The flags of `magpie doctor` as they were written. */
export interface DoctorFlags extends ClusterChoice, ClusterAgentFlags {
  readonly target?: string;
  readonly steal: boolean;
  readonly mirror: boolean;
  readonly exec: boolean;
  readonly port: readonly string[];
  readonly rbac: boolean;
  readonly exception: boolean;
  readonly output: "text" | "json";
}

/** What a session is to do, as far as the doctor looks at it. */
export interface WantedFeatures {
  readonly incoming: boolean;
  /** Variables, files, names and connections of the pod. */
  readonly exec: boolean;
  readonly ports: readonly number[];
}

/** Without a flag everything is looked at. @throws ClientError `usage` */
export function wantedOf(flags: Pick<DoctorFlags, "steal" | "mirror" | "exec" | "port">): WantedFeatures {
  const { steal, mirror, exec } = flags;
  const isNamed = steal || mirror || exec;
  return {
    incoming: steal || mirror || !isNamed || flags.port.length > 0,
    exec: exec || !isNamed,
    ports: flags.port.map(remotePortOf),
  };
}

/** What `--port` means to `magpie steal`: the first number is the pod's. */
function remotePortOf(text: string): number {
  const port = Number(/^(\d{1,5})(?::.*)?$/.exec(text)?.[1] ?? Number.NaN);
  if (port >= 1 && port <= 65_535) return port;
  throw new ClientError("usage", `--port ${JSON.stringify(text)} names no port of the target`, {
    hint: "Write the pod's port, as 80 or 80:8080.",
  });
}
