import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** Goes with everything: no other host is asked, and no other page may use what is here. */
export const securityHeaders: OutgoingHttpHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
  "cache-control": "no-store",
};

/** Why a request is refused. */
export interface Refusal {
  readonly status: 403 | 421;
  readonly message: string;
  readonly hint?: string;
}

/**
 * Decides who may ask. Whoever knows the token may; a page of another site that has a browser ask in its place may not, and
 * a name that has been made to lead to this machine (DNS rebinding) is no name of ours.
 */
export class Guard {
  readonly token: string;
  readonly #token: Buffer;
  #hosts: ReadonlySet<string> = new Set();

  constructor(token = randomBytes(32).toString("base64url")) {
    this.token = token;
    this.#token = Buffer.from(token);
  }

  /** To be called when the port is known. */
  serve(port: number): void {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]);
  }

  /** Anything that is asked for here. */
  refuseStranger({ headers }: IncomingMessage): Refusal | undefined {
    const host = headers.host?.toLowerCase() ?? "";
    if (!this.#hosts.has(host))
      return {
        status: 421,
        message: "this host is not served here",
        hint: "Open the URL that magpie has printed.",
      };
    const { origin } = headers;
    if (origin !== undefined && !this.#isOwn(origin))
      return { status: 403, message: "another site may not ask here" };
    // Fetch Metadata: what a browser says of who has made it ask. Only a person's own navigation comes from nobody's site.
    const site = headers["sec-fetch-site"];
    const isNavigation = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
    if (site !== undefined && site !== "same-origin" && site !== "none" && !isNavigation)
      return { status: 403, message: "another site may not ask here" };
    return undefined;
  }

  /** What is under `/api`. Downloads may bring the token in the address: a browser sends nothing else with them. */
  refuseUnknown(
    request: IncomingMessage,
    url: URL,
    { isDownload }: { isDownload: boolean },
  ): Refusal | undefined {
    const { headers } = request;
    const site = headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin" && !(isDownload && site === "none"))
      return { status: 403, message: "another site may not ask here" };
    const given = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? "")?.[1];
    if (this.isToken(given ?? (isDownload ? url.searchParams.get("token") : null))) return undefined;
    return {
      status: 403,
      message: given === undefined ? "the token is missing" : "the token is another one",
      hint: "Open the URL that magpie has printed: the token is in it.",
    };
  }

  /** Compared in a time that tells nothing. */
  isToken(given: string | null | undefined): boolean {
    const bytes = Buffer.from(given ?? "");
    return bytes.length === this.#token.length && timingSafeEqual(bytes, this.#token);
  }

  #isOwn(origin: string): boolean {
    return origin.startsWith("http://") && this.#hosts.has(origin.slice("http://".length).toLowerCase());
  }
}
