import { setTimeout as delay } from "node:timers/promises";
import { listSessions } from "../control/index.ts";
import { ClientError, lastingCodes } from "../errors.ts";
import type { OwnSessions } from "../own-sessions/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { durationText } from "../text/duration.ts";

/** A session that holds ports of a target. */
export interface AwaitedSession {
  readonly target: ResolvedTarget;
  readonly id: string;
  /** It is one of this user's on this machine. */
  readonly isOwn: boolean;
  /** It was not there at once. */
  readonly wasAwaited: boolean;
  /** When it began with each member that has it, milliseconds since the epoch by the member's clock. */
  readonly since: ReadonlyMap<string | undefined, number>;
}

const againMs = 200;

/**
 * Waits until the session is there that is meant: the named one, else one of this user's, else, where the target is named and
 * this user has none there, anybody's.
 * @throws ClientError `no-own-session` when none came in time; what another attempt does not change; the signal's reason
 */
export async function awaitSession(about: {
  /** Undefined: the only one where sessions of this user run. */
  readonly target: ResolvedTarget | undefined;
  readonly session: string | undefined;
  readonly own: OwnSessions;
  readonly name: string;
  readonly boundMs: number;
  readonly signal: AbortSignal;
  /** Called once, when it is not there at once. */
  readonly onWait: (text: string) => void;
}): Promise<AwaitedSession> {
  const { own, boundMs, signal, onWait } = about;
  const untilMs = performance.now() + boundMs;
  for (let isFirst = true; ; isFirst = false) {
    // Which of several is meant must be said.
    const target = about.target ?? (own.list().length === 0 ? undefined : own.onlyTarget());
    const found = target === undefined ? undefined : await find(target, about);
    if (found !== undefined) return { ...found, wasAwaited: !isFirst };
    const where = target === undefined ? "" : ` on ${target.label}`;
    const what = about.session === undefined ? "a session" : `session ${about.session}`;
    if (performance.now() >= untilMs)
      throw new ClientError(
        "no-own-session",
        `${what}${where} did not come within ${durationText(boundMs)}`,
        {
          hint: "Start `magpie steal` or `magpie exec` beside it, name its target by --target, or give it more time by --wait.",
        },
      );
    if (isFirst) onWait(`waiting for ${what}${where}, at most ${durationText(boundMs)}`);
    await delay(againMs, undefined, { signal });
  }
}

async function find(
  target: ResolvedTarget,
  about: Pick<Parameters<typeof awaitSession>[0], "session" | "own" | "name" | "signal">,
): Promise<Omit<AwaitedSession, "wasAwaited"> | undefined> {
  const { session, own, name, signal } = about;
  try {
    target.requirePrivilege?.();
    const listed = await target.members?.list({ signal });
    const members = listed?.map((member) => ({ member: member.name, target: member.target })) ?? [
      { member: undefined, target },
    ];
    const since = new Map<string | undefined, number>();
    let found: Pick<AwaitedSession, "id" | "isOwn"> | undefined;
    for (const { member, target } of members) {
      const owns = new Set(own.of(target).map(({ session }) => session));
      const there = await sessionsOf({ target, name, signal });
      const meant = there.filter(({ id, subscriptions }) => {
        if (subscriptions.length === 0) return false;
        return session === undefined ? owns.size === 0 || owns.has(id) : id === session;
      });
      // The youngest: an older one may be what somebody forgot.
      const [chosen] = meant.toSorted((one, other) => other.since - one.since);
      if (chosen === undefined) continue;
      since.set(member, chosen.since);
      found ??= { id: chosen.id, isOwn: owns.has(chosen.id) };
    }
    return found === undefined ? undefined : { target, ...found, since };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ClientError) || lastingCodes.has(error.code)) throw error;
    return undefined; // Not yet.
  }
}

async function sessionsOf(about: Parameters<typeof listSessions>[0]): ReturnType<typeof listSessions> {
  try {
    return await listSessions(about);
  } catch (error) {
    if (error instanceof ClientError && !lastingCodes.has(error.code)) return [];
    throw error;
  }
}
