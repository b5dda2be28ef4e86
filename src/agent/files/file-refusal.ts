/** What is not done, and as which errno it is told. */
export class FileRefusal extends Error {
  override readonly name = "FileRefusal";
  /** Such as `EROFS`. */
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
