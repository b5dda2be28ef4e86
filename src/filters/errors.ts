/**
 * What can be wrong with a filter. Every one is the fault of whoever wrote the filter, and the same filter
 * fails the same way again: none is worth a retry.
 */
export const filterErrors = {
  "unexpected-character": { fault: "writer", retry: false },
  "unexpected-token": { fault: "writer", retry: false },
  "unexpected-end": { fault: "writer", retry: false },
  "unterminated-string": { fault: "writer", retry: false },
  "bad-escape": { fault: "writer", retry: false },
  "unknown-name": { fault: "writer", retry: false },
  "json-syntax": { fault: "writer", retry: false },
  "unknown-key": { fault: "writer", retry: false },
  "missing-key": { fault: "writer", retry: false },
  "too-many-keys": { fault: "writer", retry: false },
  "bad-value": { fault: "writer", retry: false },
  "too-deep": { fault: "writer", retry: false },
  "too-large": { fault: "writer", retry: false },
  "pattern-syntax": { fault: "writer", retry: false },
  "pattern-unsupported": { fault: "writer", retry: false },
  "pattern-too-large": { fault: "writer", retry: false },
} as const;

/** The literal codes of `FilterError`. */
export type FilterErrorCode = keyof typeof filterErrors;

/** Where a filter is wrong and what may help. */
export interface FilterErrorPlace {
  /** The text that `position` counts in; "" when the filter came as a value and not as text. */
  readonly source?: string;
  /** 0-based offset into `source`. */
  readonly position?: number;
  /** Where in the tree, for example `all[2].header.name`; "" at its root. */
  readonly path?: string;
  /** What to write instead, as a sentence; "" when there is nothing useful to say. */
  readonly hint?: string;
  readonly cause?: unknown;
}

const windowColumns = 100;

/** A filter that cannot be used, with the place where it is wrong. Decide on `code`; show `render()`. */
export class FilterError extends Error {
  override readonly name = "FilterError";
  readonly code: FilterErrorCode;
  /** The text that `position` counts in; "" when the filter came as a value. */
  readonly source: string;
  /** 0-based offset into `source`. */
  readonly position: number;
  /** Where in the tree, for example `all[2].header.name`; "" at its root or in an expression. */
  readonly path: string;
  /** What to write instead; "" when there is nothing useful to say. */
  readonly hint: string;

  constructor(code: FilterErrorCode, message: string, place: FilterErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.source = place.source ?? "";
    this.position = place.position ?? 0;
    this.path = place.path ?? "";
    this.hint = place.hint ?? "";
  }

  /** The same complaint, placed in an outer text or tree. */
  placed(place: FilterErrorPlace): FilterError {
    const { code, message, source, position, path, hint } = this;
    return new FilterError(code, message, { source, position, path, hint, cause: this, ...place });
  }

  /** The message, the line of the source with a caret under the place, and the hint; several lines, no colours. */
  render(): string {
    const lines = [this.path === "" ? this.message : `${this.path}: ${this.message}`];
    if (this.source !== "") {
      const lineStart = this.source.lastIndexOf("\n", this.position - 1) + 1;
      const newline = this.source.indexOf("\n", this.position);
      const lineEnd = newline === -1 ? this.source.length : newline;
      const start = Math.max(lineStart, this.position - windowColumns / 2);
      const shown = this.source.slice(start, Math.min(lineEnd, start + windowColumns));
      // One column for one code unit: a tab or a control byte must not move the caret or the terminal.
      lines.push(`  ${shown.replace(/[\p{Cc}\p{Cf}]/gu, " ")}`, `  ${" ".repeat(this.position - start)}^`);
    }
    if (this.hint !== "") lines.push(this.hint);
    return lines.join("\n");
  }
}
