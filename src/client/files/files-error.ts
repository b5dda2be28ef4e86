/** Why something was not done to a file, in the kernel's words. */
export class FilesError extends Error {
  override readonly name = "FilesError";
  /** Such as `ENOENT`; `EIO` also when the agent is gone, `EINTR` when the question was given up. */
  readonly errno: string;

  constructor(errno: string, message = errno, options: { cause?: unknown } = {}) {
    super(message, options);
    this.errno = errno;
  }
}
