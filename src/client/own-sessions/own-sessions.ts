import { rmSync } from "node:fs";
import type { SessionProof } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { processBirth } from "../process/index.ts";
import { parseTarget, type ResolvedTarget, resolveTarget } from "../target/index.ts";
import { readRecords, writeRecord } from "./own-files.ts";
import { isSessionName, type OwnSession } from "./own-session.ts";
import { isThere, makePrivate, ownDirectoryOf } from "./private-directory.ts";

/** A session that is written down. */
export interface RememberedSession extends Disposable {
  /** It holds one more port of the target. Where that cannot be written, it stays as it was. */
  addPort(port: number): void;
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

  /** All that live, from the oldest on. @throws ClientError `local-data` when their directory is not to be trusted */
  list(): OwnSession[] {
    return isThere(this.#directory, this.#uid) ? readRecords(this.#directory, this.#uid) : [];
  }

  /** Those on one target, however that is named. @throws as {@link list} does */
  of(target: Pick<ResolvedTarget, "netnsInode">): OwnSession[] {
    return this.list().filter(({ netnsInode }) => netnsInode === String(target.netnsInode));
  }

  /**
   * The one session that is meant: the named one, or the only one there is.
   * @throws ClientError `no-own-session` when there is none, `usage` when it could be several; `local-data`
   */
  choose(among: { session?: string | undefined; target?: ResolvedTarget | undefined } = {}): OwnSession {
    const { session, target } = among;
    const all = target === undefined ? this.list() : this.of(target);
    const where = target === undefined ? "on this machine" : `on ${target.label}`;
    const fitting = session === undefined ? all : all.filter((own) => own.session === session);
    const [only, other] = fitting;
    const yours = all.length === 0 ? {} : { hint: `Yours: ${all.map(describeOwn).join("; ")}.` };
    if (only === undefined) {
      const what = session === undefined ? `no session of yours runs ${where}` : noneOfYours(session, where);
      throw new ClientError("no-own-session", what, yours);
    }
    if (other === undefined) return only;
    throw new ClientError("usage", `${fitting.length} sessions of yours run ${where}: say which`, yours);
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
    if (all.every(({ netnsInode }) => netnsInode === first.netnsInode)) return targetOfOwn(first);
    const labels = [...new Set(all.map(({ targetLabel }) => targetLabel))].join(", ");
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
export function targetOfOwn({ targetLabel, netnsInode }: OwnSession): ResolvedTarget {
  const target = resolveTarget(parseTarget(targetLabel));
  if (String(target.netnsInode) === netnsInode) return target;
  throw new ClientError("target-unknown", `${targetLabel} is another network namespace by now`, {
    hint: "Name the session's target by --target, as netns:/proc/<pid>/ns/net of a process in it.",
  });
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

function noneOfYours(session: string, where: string): string {
  return `session ${JSON.stringify(session)} is none of yours ${where}`;
}
