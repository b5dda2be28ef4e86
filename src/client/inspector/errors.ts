/** What a page asks for and cannot have, with the status of HTTP that says so. */
export class InspectorError extends Error {
  override readonly name = "InspectorError";
  readonly status: number;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(status: number, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.hint = options.hint;
  }
}
