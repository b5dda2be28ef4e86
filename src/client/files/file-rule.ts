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

/** One rule: the first that fits a path decides. */
export interface FileRule {
  readonly mode: FileMode;
  /** A glob over whole absolute paths: `*` stays in one name, `**` crosses them. In bytes as latin-1. */
  readonly pattern: string;
  /** How the user wrote it, or why it is built in; for messages. */
  readonly written: string;
}
