/** Why a pattern of mirrord has no counterpart of ours. */
export class PatternProblem extends Error {
  /** 0-based offset into the pattern. */
  readonly position: number;
  readonly hint: string;

  constructor(message: string, position: number, hint: string) {
    super(message);
    this.name = "PatternProblem";
    this.position = position;
    this.hint = hint;
  }
}
