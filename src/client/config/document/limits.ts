/** What is read of one file. More is nobody's config, and a file may be a stranger's. */
export const limits = {
  bytes: 1024 * 1024,
  /** Objects and lists within each other. */
  depth: 64,
  /** Values, those that YAML's aliases repeat counted each time. */
  values: 20_000,
  /** Problems that are told; more follow from one another. */
  problems: 100,
} as const;
