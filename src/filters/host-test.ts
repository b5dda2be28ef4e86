import type { RequestHead } from "../http/index.ts";
import type { HostTest as HostTestForm } from "./filter.ts";
import type { HeadTest } from "./head-test.ts";
import { Pattern } from "./pattern/pattern.ts";

/** The host of an authority without user, port and final dot, in lower case (RFC 3986 §3.2). */
export function hostOf(authority: string): string {
  const start = authority.lastIndexOf("@") + 1;
  const bracket = authority.charCodeAt(start) === 0x5b ? authority.indexOf("]", start) : -1;
  const colon = authority.indexOf(":", bracket === -1 ? start : bracket);
  const host = authority.slice(start, colon === -1 ? authority.length : colon).toLowerCase();
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

/** Holds when the host of the request is the one named, is below the one with a star, or matches. */
export class HostTest implements HeadTest {
  readonly #name: string;
  readonly #below: boolean;
  readonly #pattern: Pattern | undefined;

  constructor(test: HostTestForm) {
    this.#pattern = "matches" in test ? new Pattern(test.matches) : undefined;
    const name = "equals" in test ? test.equals.toLowerCase().replace(/\.$/, "") : "";
    this.#below = name.startsWith("*.");
    this.#name = this.#below ? name.slice(1) : name;
  }

  matches(head: RequestHead): boolean {
    const host = hostOf(head.authority);
    if (this.#pattern !== undefined) return this.#pattern.test(host);
    return this.#below ? host.length > this.#name.length && host.endsWith(this.#name) : host === this.#name;
  }
}
