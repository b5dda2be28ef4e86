import type { Measured } from "./answer-metrics.ts";
import type { FilterSetDone, Json, ListedSession, Released } from "../../protocol/index.ts";

import type { Routes } from "../routing/index.ts";
import type { Trace } from "../trace/index.ts";
import type { PatientWork } from "./patient-work.ts";

/** A session as questions see it. */
export interface AskableSession {
  readonly id: string;
  readonly name: string;
  /** It only asks, and is not listed. */
  readonly isObserver: boolean;
  /** Whether somebody may speak for it. */
  holdsKey(key: string): boolean;
  /** The fields whose values it may see: those that its filters name as they are now, in lower case. */
  readonly names: ReadonlySet<string>;
  /** What those who share the pod may see of it. */
  listed(): ListedSession;
  /** Ends its subscriptions of these ports, or all where none is named. @throws NotHeld */
  release(about: { readonly ports: readonly number[]; readonly by: string }): Promise<Released>;
  /** @throws NotHeld, FilterError, RouteConflict; nothing has changed then */
  setFilter(about: {
    readonly port: number | null;
    readonly filter: Json;
    readonly by: string;
  }): FilterSetDone;
}

/** What answers are made of. */
export interface ControlContext {
  readonly sessions: () => Iterable<AskableSession>;
  readonly metrics: Measured;
  readonly trace: Trace;
  readonly routes: Routes;
  /** Does what takes longer. */
  /** The id of the container that the app runs in, where processes of others can be seen. */
  readonly container?: string | undefined;
  readonly patience: PatientWork;
}
