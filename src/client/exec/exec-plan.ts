import type { EnvironmentPlan } from "../context/index.ts";
import type { FileRuleList } from "../files/index.ts";
import type { CopyPlan } from "../mirror/index.ts";
import type { SandboxKind } from "../sandbox/sandbox.ts";
import type { StealPlan } from "../steal/index.ts";
import type { LocalProgram, SessionPlan } from "../subscription-flags/index.ts";

/** Everything that `magpie exec` was asked to do, checked. */
export interface ExecPlan extends SessionPlan {
  readonly program: LocalProgram;
  /** Whose environment and files the program has, of several; the first when undefined. */
  readonly from: string | undefined;
  /** Undefined when the program is to have no requests. */
  readonly incoming: IncomingPlan | undefined;
  /** Undefined when it keeps the user's own environment. */
  readonly environment: EnvironmentPlan | undefined;
  /** Of which process the context is; undefined lets the agent choose the app's. */
  readonly process: number | undefined;
  readonly sandbox: SandboxKind | "auto";
  /** Where paths lead. */
  readonly files: FileRuleList;
  /** Where flows leave, as it was written; it can be understood. */
  readonly outgoing: readonly string[];
}

/** What is done with requests to ports that the program listens on. */
export interface IncomingPlan {
  readonly work:
    | ({ readonly mode: "steal" } & Pick<StealPlan, "priority" | "onLocalFailure" | "probes" | "servedBy">)
    | ({ readonly mode: "mirror" } & CopyPlan);
  /** Where a port of the target is not the program's own number. */
  readonly ports: readonly PortPair[];
  /** Ports of the program that are left to this machine, whatever it opens. */
  readonly ignored: readonly number[];
  /** Whether ports that `ports` does not name are subscribed to as the program opens them. */
  readonly others: boolean;
}

export interface PortPair {
  readonly remotePort: number;
  readonly programPort: number;
}
