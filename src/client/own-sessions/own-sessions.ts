import { rmSync } from "node:fs";
import { join } from "node:path";
import type { SessionProof } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { processBirth } from "../process/index.ts";
import { openTarget, type ResolvedTarget } from "../target/index.ts";
import { readRecords, writeRecord } from "./own-files.ts";
import { isSessionName, type OwnSession } from "./own-session.ts";
import { isThere, makePrivate, ownDirectoryOf } from "./private-directory.ts";

/** A session that is written down. */
export interface RememberedSession extends Disposable {
  /** It holds one more port of the target. Where that cannot be written, it stays as it was. */
  addPort(port: number): void;
}

/** Which session is meant; either may be left out. */
interface Among {
  readonly session?: string | undefined;
  readonly target?: ResolvedTarget | undefined;
}

/**
 * The sessions that this user's commands hold on this machine: each writes itself down in a directory that nobody else can
 * open, so that another command finds its target and can speak for it. What a killed command left there is removed by the
 * next one that looks, or that writes itself down.
 */
export class OwnSessions {
  readonly #directory: string;
  readonly #uid: number;

  constructor(options: { environment?: NodeJS.ProcessEnv; uid?: number } = {}) {
    // There is a uid wherever there are network namespaces.
    this.#uid = options.uid ?? process.geteuid?.() ?? 0;
    this.#directory = ownDirectoryOf(options.environment ?? process.env, this.#uid);
  }

  /**
   * Writes down a session that this process holds, until it is disposed.
   * @throws ClientError `local-data` when there is no place for it: the session itself need not end for that
   */
  remember(session: Omit<OwnSession, "pid" | "startTime" | "since">): RememberedSession {
    const { pid } = process;
    const startTime = processBirth(pid);
    if (startTime === undefined || !isSessionName(session.session))
      throw new ClientError("local-data", "this session cannot be written down for other commands");
    makePrivate(this.#directory, this.#uid);
    try {
      readRecords(this.#directory, this.#uid);
      let record = { ...session, pid, startTime, since: Date.now() };
      const path = writeRecord(this.#directory, record);
      let isOver = false;
      return {
        addPort: (port) => {
          if (isOver || record.ports.includes(port)) return;
          record = { ...record, ports: [...record.ports, port] };
          try {
            writeRecord(this.#directory, record);
          } catch {
            // The session itself is found as before; only its ports are not all named in lists.
          }
        },
        [Symbol.dispose]: () => {
          isOver = true;
          rmSync(path, { force: true });
        },
      };
    } catch (cause) {
      throw new ClientError("local-data", `${this.#directory} cannot be written to`, { cause });
    }
  }

  /**
   * Where a process of this user is asked for its inspector: a name in a directory that nobody else can open.
   * @throws ClientError `local-data` when there is no such directory, and none can be made
   */
  inspectorSocketOf(pid: number): string {
    makePrivate(this.#directory, this.#uid);
    return join(this.#directory, `inspect-${pid}.sock`);
  }

  /** All that live, from the oldest on. @throws ClientError `local-data` when their directory is not to be trusted */
  list(): OwnSession[] {
    return isThere(this.#directory, this.#uid) ? readRecords(this.#directory, this.#uid) : [];
  }

  /** Those on one target, or with its members, however that is named. @throws as {@link list} does */
  of(target: Pick<ResolvedTarget, "key">): OwnSession[] {
    return this.list().filter(
      ({ targetKey, whole }) => targetKey === target.key || whole?.key === target.key,
    );
  }

  /**
   * The one session that is meant: the named one, or the only one there is.
   * @throws ClientError `no-own-session` when there is none, `usage` when it could be several; `local-data`
   */
  choose(among: Among = {}): OwnSession {
    const [first] = this.#choose(among);
    return first;
  }

  /**
   * The same with all that its command holds: one with each member of its target, the chosen one first.
   * @throws as {@link choose} does
   */
  chooseAll(among: Among = {}): readonly [OwnSession, ...OwnSession[]] {
    const [first] = this.#choose(among);
    const others = this.list().filter((own) => own.session !== first.session && runOf(own) === runOf(first));
    return [first, ...others];
  }

  #choose(among: Among): readonly [OwnSession] {
    const { session, target } = among;
    const all = target === undefined ? this.list() : this.of(target);
    const where = target === undefined ? "on this machine" : `on ${target.label}`;
    const fitting = session === undefined ? all : all.filter((own) => own.session === session);
    const [only, other] = fitting;
    const yours = all.length === 0 ? {} : { hint: `Yours: ${describeAll(all).join("; ")}.` };
    if (only === undefined) {
      const what = session === undefined ? `no session of yours runs ${where}` : noneOfYours(session, where);
      throw new ClientError("no-own-session", what, yours);
    }
    const runs = new Set(fitting.map(runOf));
    if (other === undefined || runs.size === 1) return [only];
    throw new ClientError("usage", `${runs.size} sessions of yours run ${where}: say which`, yours);
  }

  /**
   * The target that is meant when none is named: the only one where sessions of this user run.
   * @throws ClientError `usage` when there is none, or several; `target-unknown`, `local-data`
   */
  onlyTarget(): ResolvedTarget {
    const all = this.list();
    const [first] = all;
    if (first === undefined) {
      throw new ClientError("usage", "it is not said which target is asked, and no session of yours runs", {
        hint: "Add --target netns:<name> or --target pid:<number>, or set MAGPIE_TARGET.",
      });
    }
    const keyOf = ({ targetKey, whole }: OwnSession): string => whole?.key ?? targetKey;
    if (all.every((own) => keyOf(own) === keyOf(first))) return wholeTargetOfOwn(first);
    const labels = [...new Set(all.map(({ targetLabel, whole }) => whole?.label ?? targetLabel))].join(", ");
    throw new ClientError(
      "usage",
      `it is not said which target is asked: sessions of yours run on ${labels}`,
      {
        hint: "Add --target with one of them.",
      },
    );
  }
}

/** The target of an own session. @throws ClientError `target-unknown` when its name leads elsewhere by now */
export function targetOfOwn({ targetLabel, targetKey, cluster, whole }: OwnSession): ResolvedTarget {
  const target = openTarget(targetLabel, cluster);
  // Of a cluster one that has come in its place knows no such session, and says so.
  if (target.key === targetKey || (whole !== undefined && target.cluster !== undefined)) return target;
  throw new ClientError("target-unknown", `${targetLabel} is another network namespace by now`, {
    hint: "Name the session's target by --target, as netns:/proc/<pid>/ns/net of a process in it.",
  });
}

/** What its command works on: the target itself, or what that is a member of. @throws as {@link targetOfOwn} does */
export function wholeTargetOfOwn(own: OwnSession): ResolvedTarget {
  return own.whole === undefined ? targetOfOwn(own) : openTarget(own.whole.label, own.cluster);
}

/** Tells what one command holds from what others do. */
function runOf({ session, whole, pid, startTime }: OwnSession): string {
  return whole === undefined ? session : `${pid} ${startTime} ${whole.key}`;
}

/** Shows an agent that we may speak for a session. */
export function proofOf({ session, key }: OwnSession): SessionProof {
  return { session, key };
}

/** A session in a few words, for lists in messages. */
export function describeOwn({ session, mode, ports, targetLabel }: OwnSession): string {
  const which = ports.length === 0 ? "no port yet" : `port ${ports.join(", ")}`;
  return `${session} (${mode} of ${which}, ${targetLabel})`;
}

/** Each command once. */
function describeAll(all: readonly OwnSession[]): string[] {
  const runs = new Map<string, OwnSession[]>();
  for (const own of all) runs.set(runOf(own), [...(runs.get(runOf(own)) ?? []), own]);
  return [...runs.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { whole } = first;
    if (whole === undefined) return [describeOwn(first)];
    return [describeOwn({ ...first, targetLabel: `${others.length + 1} of ${whole.label}` })];
  });
}

function noneOfYours(session: string, where: string): string {
  return `session ${JSON.stringify(session)} is none of yours ${where}`;
}
