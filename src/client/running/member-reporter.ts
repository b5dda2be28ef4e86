import type { Notice } from "../../protocol/index.ts";
import type { Reporter } from "./reporter.ts";

/**
 * How long a connection is lost before it is told: one that goes loses its connection before it is seen to be gone, and one that
 * is back by then was hardly away.
 */
const lossPatienceMs = 1_500;

/** Notices that are about the whole, whichever member's session they come by. */
const ofTheWhole: ReadonlySet<string> = new Set([
  "certificate",
  "local-silent",
  "bound-near",
  "not-remembered",
]);

/** How the id of a request is told where each member counts its own: `web-a/2k`. */
export function memberRequestId(member: string, requestId: string): string {
  return `${member}/${requestId}`;
}

/** Reads what {@link memberRequestId} wrote; without a member where none is named. */
export function readMemberRequestId(text: string): {
  readonly member: string | undefined;
  readonly requestId: string;
} {
  const slash = text.lastIndexOf("/");
  if (slash === -1) return { member: undefined, requestId: text };
  return { member: text.slice(0, slash), requestId: text.slice(slash + 1) };
}

/**
 * Gives reporters for the sessions with the members of a target: each says whose it is, and what is about the whole is said
 * once. That a session has begun, and what becomes of its ports, is for whoever holds them all to tell.
 */
export class MemberReporters {
  readonly #whole: Reporter;
  readonly #told = new Set<string>();
  readonly #showsProgress: () => boolean;

  constructor(whole: Reporter, options: { showsProgress: () => boolean }) {
    this.#whole = whole;
    this.#showsProgress = options.showsProgress;
  }

  /** `isThere`: whether the member is one of them still, and stays; what becomes of the connection to one that goes is not told. */
  of(member: string, options: { isThere?: () => boolean } = {}): Reporter {
    const whole = this.#whole;
    const shown = new Set<number>();
    return {
      ...whole,
      progress: (text) => {
        if (this.#showsProgress()) whole.progress(`${member}: ${text}`);
      },
      step: (report) => {
        if (report.state === "began" && this.#showsProgress()) shown.add(report.step);
        if (!shown.has(report.step)) return;
        if (report.state !== "began") shown.delete(report.step);
        whole.step({ ...report, member });
      },
      ready: () => undefined,
      decision: (decision) =>
        whole.decision({ ...decision, requestId: memberRequestId(member, decision.requestId), member }),
      notice: (notice) => this.#notice(notice, member),
      taken: (port) => {
        if (port.code === "taken") whole.taken({ ...port, member });
      },
      filterChanged: () => undefined,
      connection: patientConnection({ member, whole, isThere: options.isThere ?? (() => true) }),
    };
  }

  #notice(notice: Notice, member: string): void {
    if (!ofTheWhole.has(notice.code)) return this.#whole.notice({ ...notice, member });
    const text = `${notice.code} ${notice.message}`;
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#whole.notice(notice);
  }
}

function patientConnection(about: {
  readonly member: string;
  readonly whole: Reporter;
  readonly isThere: () => boolean;
}): Reporter["connection"] {
  const { member, whole, isThere } = about;
  let waiting: NodeJS.Timeout | undefined;
  return (report) => {
    if (report.state === "lost") {
      const tell = (): void => {
        waiting = undefined;
        if (isThere()) whole.connection({ ...report, member });
      };
      waiting ??= setTimeout(tell, lossPatienceMs).unref();
    } else if (waiting === undefined) whole.connection({ ...report, member });
    else {
      clearTimeout(waiting);
      waiting = undefined;
    }
  };
}
