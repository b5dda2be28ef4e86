/** The steps from the root of mirrord's config to a value. */
export type MirrordPath = readonly (string | number)[];

/** What is told of a value of mirrord's config. */
export interface Told {
  readonly path: MirrordPath;
  readonly message: string;
  readonly hint?: string | undefined;
  /** 0-based offset into the text that the value is. */
  readonly position?: number | undefined;
}

/** What a translation finds: notices tell what becomes of a field, and with a problem there is no config. */
export class TranslationReport {
  readonly notices: Told[] = [];
  readonly problems: Told[] = [];

  notice(path: MirrordPath, message: string): void {
    this.notices.push({ path, message });
  }

  problem(
    path: MirrordPath,
    message: string,
    about: { hint?: string | undefined; position?: number } = {},
  ): void {
    this.problems.push({ path, message, ...about });
  }
}
