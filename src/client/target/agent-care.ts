/** What can be done with an agent beside using it. */
export interface AgentCare {
  /** When the agent that runs began, milliseconds since the epoch; undefined when none does, or nobody says. */
  startedAt(options: { readonly signal: AbortSignal }): Promise<number | undefined>;
  /**
   * The latest lines of its log, and with `follow` those that come; of one that has ended, what is left of it. One that is about to
   * be written may be cut. @throws ClientError `no-agent` where there never was one; the signal's reason
   */
  log(options: {
    readonly lines: number;
    readonly follow: boolean;
    readonly signal: AbortSignal;
  }): AsyncIterable<string>;
  /** Ends it unless somebody uses it. @throws ClientError; the signal's reason */
  end(options: { readonly signal: AbortSignal }): Promise<"ended" | "none" | "in-use">;
}
