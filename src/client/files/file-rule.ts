/**
 * Where a path of the program leads.
 *
 * | mode         | what the program sees                                      |
 * |--------------|------------------------------------------------------------|
 * | `local`      | this machine's file                                        |
 * | `read`       | the pod's; whatever would change it fails with EROFS       |
 * | `read-write` | the pod's, and changes are made there                      |
 * | `absent`     | nothing: ENOENT                                            |
 */
export type FileMode = "local" | "read" | "read-write" | "absent";

export const fileModes: readonly FileMode[] = ["read", "read-write", "local", "absent"];

/** One rule: the first that fits a path decides. */
export interface FileRule {
  readonly mode: FileMode;
  /** As `path-pattern.ts` reads it. In bytes as latin-1. */
  readonly pattern: string;
  /** How the user wrote it; of others why there is such a rule, as the end of a sentence: "… since it …". */
  readonly written: string;
  /** `made`: the file's content is made by Magpie, where it has any for that path (`made-files.ts`). */
  readonly origin: "flag" | "built-in" | "made";
}

/** All rules of a program, in order; plain data, so that a thread can be given them. */
export interface FileRuleList {
  readonly rules: readonly FileRule[];
  /** For what no rule names. */
  readonly otherwise: Exclude<FileMode, "absent">;
}
