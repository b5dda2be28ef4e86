import { FilterError } from "../errors.ts";

/** The text of a pattern and how far it has been read; makes the errors that point into it. */
export class PatternSource {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next characters without taking them; shorter at the end. */
  peek(length = 1): string {
    return this.text.slice(this.at, this.at + length);
  }

  /** Takes `expected` if it comes next. */
  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  /** Takes what a sticky expression finds here. */
  takeMatch(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found === null) return undefined;
    this.at += found[0].length;
    return found;
  }

  /** The pattern is malformed at `position`. */
  wrong(message: string, position: number, hint = ""): FilterError {
    return new FilterError("pattern-syntax", message, { source: this.text, position, hint });
  }

  /** The pattern is well formed elsewhere, but cannot be decided in linear time or is not offered here. */
  refused(message: string, position: number, hint = ""): FilterError {
    return new FilterError("pattern-unsupported", message, { source: this.text, position, hint });
  }
}
