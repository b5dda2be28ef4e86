import { ClientError } from "../errors.ts";
import { OwnSessions } from "../own-sessions/index.ts";
import { InspectionPoint } from "../running/inspection-point.ts";
import type { InspectSocket } from "./asking/inspect-socket.ts";
import type { OpenInspector } from "./open-inspector.ts";

/** Decisions from before a page was there, of each agent. */
const lastWhenLate = 500;

/**
 * The inspector of one command. It is there from the begin where that is asked for; else, once a session has begun, `magpie
 * inspect` of the same user may ask for it. Until then nothing is loaded or recorded.
 */
export class CommandInspection implements AsyncDisposable {
  readonly point: InspectionPoint;
  readonly #target: string;
  readonly #onLate: (url: string) => void;
  readonly #onNotice: (message: string) => void;
  #opening: Promise<OpenInspector> | undefined;
  #socket: Promise<InspectSocket | undefined> | undefined;

  constructor(options: {
    /** As it was named. */
    target: string;
    /** Somebody else has asked for it. */
    onLate: (url: string) => void;
    /** Something that whoever sits at the terminal should know. */
    onNotice: (message: string) => void;
  }) {
    this.#onNotice = options.onNotice;
    this.#target = options.target;
    this.#onLate = options.onLate;
    this.point = new InspectionPoint({
      onFirst: () => {
        this.#socket = this.#listen();
      },
    });
  }

  /** Opens it, or gives the one that is open. @throws ClientError `local-data` when the port cannot be had */
  async open(options: { port: number; last?: number }): Promise<string> {
    const opening = (this.#opening ??= this.#open(options));
    try {
      return (await opening).url;
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#socket)?.[Symbol.asyncDispose]();
    const open = await this.#opening?.catch(() => undefined);
    await open?.[Symbol.asyncDispose]();
  }

  async #open({ port, last = 0 }: { port: number; last?: number }): Promise<OpenInspector> {
    const { openInspector } = await import("./open-inspector.ts");
    return await openInspector({
      target: this.#target,
      point: this.point,
      port,
      last,
      onNotice: this.#onNotice,
    });
  }

  async #listen(): Promise<InspectSocket | undefined> {
    const { InspectSocket } = await import("./asking/inspect-socket.ts");
    try {
      const path = new OwnSessions().inspectorSocketOf(process.pid);
      return await InspectSocket.listen(path, async () => {
        const isLate = this.#opening === undefined;
        const url = await this.open({ port: 0, last: lastWhenLate });
        if (isLate) this.#onLate(url);
        return url;
      });
    } catch (error) {
      // Sessions are not remembered either then, which has been told.
      if (error instanceof ClientError) return undefined;
      throw error;
    }
  }
}
