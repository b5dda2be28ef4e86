/**
 * Why the context of a process cannot be told.
 *
 * | code            | whose fault     | retry                                      |
 * |-----------------|-----------------|--------------------------------------------|
 * | `process-gone`  | nobody          | with another process                       |
 * | `not-here`      | whoever asks    | with a process of this pod                 |
 * | `not-permitted` | the agent's host| with the capabilities that the text names  |
 * | `too-large`     | the process     | no                                         |
 * | `no-process`    | the pod         | when the app runs                          |
 * | `several`       | nobody          | with one of those that the text lists      |
 * | `not-seen`      | the agent's host| with a process that is named               |
 */
export type ContextErrorCode =
  | "process-gone"
  | "not-here"
  | "not-permitted"
  | "too-large"
  | "no-process"
  | "several"
  | "not-seen";

/** Says what could not be read and how to go on; never what is in an environment. */
export class ContextError extends Error {
  override readonly name = "ContextError";
  readonly code: ContextErrorCode;

  constructor(code: ContextErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** Whether a process was gone when it was looked at: each look at /proc may be too late. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ESRCH";
}

/** Whether the kernel did not let us look. */
export function isForbidden(error: unknown): boolean {
  const code = codeOf(error);
  return code === "EACCES" || code === "EPERM";
}

/** As people read it, of what went wrong with a system call. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
