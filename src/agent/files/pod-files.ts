import type { FileIdentity } from "../../kernel/index.ts";
import type { FilesOpening } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { ContextError } from "../context/index.ts";
import { descriptorLimit } from "../descriptor-limit.ts";
import type { Log } from "../log.ts";
import { OpenCount } from "../open-count.ts";
import { AppRoot } from "./app-root.ts";
import { FileCrew } from "./file-crew.ts";
import { FileSession } from "./file-session.ts";

/** So many files all sessions together may have open. */
const MAX_HANDLES = 2048;
/** And no more than this part of the agent's descriptors: bystanders need the others. */
const DESCRIPTOR_SHARE = 0.25;
/** So many of them one session. */
const MAX_SESSION_HANDLES = 512;
/** A client has one stream, and another one while a disk holds what was asked on the first. */
const MAX_SESSION_STREAMS = 8;

/** What one session is served by. Its files are closed with its streams. */
export interface SessionFiles {
  serve(stream: TunnelStream, opening: FilesOpening): StreamEvents | undefined;
}

/**
 * The pod's files, for sessions: answers what a stream of `files` asks, below the root of the app's process, with the app's
 * rights where the agent may take them. Disks are waited for by threads, never by who serves bystanders.
 */
export class PodFiles {
  readonly #log: Log;
  readonly #container: string | undefined;
  readonly #handles = new OpenCount(Math.min(MAX_HANDLES, Math.floor(descriptorLimit() * DESCRIPTOR_SHARE)));
  /** Of those identities that somebody needs, by what they are. */
  readonly #crews = new Map<string, { readonly crew: FileCrew; users: number }>();

  /** `container` is the id of the app's, where others can be seen. */
  constructor(options: { log: Log; container?: string | undefined }) {
    this.#container = options.container;
    this.#log = options.log;
  }

  forSession(): SessionFiles {
    const streams = new OpenCount(MAX_SESSION_STREAMS);
    const handles = new OpenCount(MAX_SESSION_HANDLES, this.#handles);
    return {
      serve: (stream, opening) => {
        if (!streams.enter()) {
          stream.reset("refused", `a session has at most ${MAX_SESSION_STREAMS} streams about files`);
          return undefined;
        }
        const session = new FileSession({
          stream,
          writes: opening.writes,
          handles,
          onFault: (error) => this.#log.error({ err: error }, "fault in an answer about files"),
        });
        void this.#serve(session, stream, opening).finally(() => streams.leave());
        return session;
      },
    };
  }

  async #serve(session: FileSession, stream: TunnelStream, opening: FilesOpening): Promise<void> {
    try {
      await using root = await AppRoot.of(opening.process, this.#container);
      const crew = this.#take(root.identity);
      try {
        const rights = await crew.rights;
        const { user, group } = root.identity;
        const about = { process: root.process, name: root.name, because: root.because };
        this.#log.info({ process: root.process, user, group, rights }, "files are served");
        await session.serve({ root: root.descriptor, crew, welcome: { ...about, user, group, rights } });
      } finally {
        this.#leave(root.identity);
      }
    } catch (error) {
      if (!(error instanceof ContextError)) this.#log.error({ err: error }, "fault in files");
      const isExpected = error instanceof ContextError;
      stream.reset(isExpected ? "refused" : "internal", isExpected ? error.message : "a fault of the agent");
    }
  }

  #take(identity: FileIdentity): FileCrew {
    const key = JSON.stringify(identity);
    const known = this.#crews.get(key) ?? { crew: new FileCrew(identity), users: 0 };
    known.users++;
    this.#crews.set(key, known);
    return known.crew;
  }

  #leave(identity: FileIdentity): void {
    const key = JSON.stringify(identity);
    const known = this.#crews.get(key);
    if (known === undefined || --known.users > 0) return;
    this.#crews.delete(key);
    known.crew.close();
  }
}
