import type { Fields } from "./fields.ts";

/** What a request says before its body, whichever HTTP version said it: all that a routing decision may look at. */
export interface RequestHead {
  /** Case kept: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** The request-target as sent (RFC 9112 §3.2); for HTTP/2 the `:path`, for CONNECT the authority. */
  readonly target: string;
  readonly version: "1.0" | "1.1" | "2";
  /** `Host`, or `:authority`; of an absolute-form target its own authority (RFC 9112 §3.2.2); "" when absent. */
  readonly authority: string;
  readonly fields: Fields;
}
