import { z } from "zod";
import { boundsOfFlags } from "../../subscription-flags/bounds-flags.ts";
import type { ClientError } from "../../errors.ts";
import { inspectOf } from "../../subscription-flags/inspect-flags.ts";
import { lossOfFlags } from "../../subscription-flags/loss-flags.ts";
import { field, text, textReadBy, whole, yesOrNo } from "./field.ts";

/** How a session lives and ends, and what it says. */
export const sessionSchema = z.strictObject({
  name: field(text.max(256), {
    description: "Who you are, shown to others on this target (default: user@host).",
    examples: ['{{ user }} ({{ git.branch | default("no branch") }})'],
  }),
  takeOver: field(yesOrNo, {
    description:
      "Ask another session for its place, and take over connections that exist already: idle ones are reset.",
    default: false,
  }),
  keep: field(yesOrNo, {
    description: "Do not give this place to a session that asks for it by takeOver.",
    default: false,
  }),
  maxRequests: field(
    whole((maxRequests) => refuse((problems) => boundsOfFlags({ maxRequests }, problems))),
    { description: "End by itself after so many requests. Of steal and mirror.", examples: [100] },
  ),
  for: field(
    textReadBy((written) => refuse((problems) => boundsOfFlags({ for: written }, problems))),
    {
      description: "End by itself after so long. Of steal and mirror.",
      examples: ["30s", "10m", "2h"],
    },
  ),
  grace: field(z.union([z.literal(0), textReadBy((grace) => lossOfFlags({ grace, onLost: "exit" }))]), {
    description: "How long requests wait for a connection that is lost; 0: not at all.",
    default: "30s",
  }),
  onLost: field(z.enum(["exit", "rejoin"]), {
    description: "What to do when it does not come back, or the agent has ended.",
    default: "exit",
  }),
  inspect: field(yesOrNo, {
    description: "Show requests live on a page of this machine; its URL is told.",
    default: false,
  }),
  inspectPort: field(
    whole((inspectPort) => inspectOf({ inspectPort })),
    {
      description: "The port of that page (default: any that is free).",
      examples: [9900],
    },
  ),
  trace: field(yesOrNo, {
    description: "Tell the decision on every request of the ports.",
    default: false,
  }),
  output: field(z.enum(["text", "json"]), {
    description: "For people, or JSON lines for programs.",
    default: "text",
  }),
});

function refuse(read: (problems: ClientError[]) => unknown): void {
  const problems: ClientError[] = [];
  read(problems);
  const [first] = problems;
  if (first !== undefined) throw first;
}
