import { z } from "zod";
import { agentSchema } from "./agent.ts";
import { environmentSchema } from "./environment.ts";
import { field, text } from "./field.ts";
import { filesSchema } from "./files.ts";
import { incomingSchema } from "./incoming.ts";
import { outgoingSchema } from "./outgoing.ts";
import { sessionSchema } from "./session.ts";
import { targetSchema } from "./target.ts";

const sections = {
  target: field(targetSchema, {
    description: "In whose place: whose requests, variables, files and network.",
    examples: ["deployment/web", { name: "deployment/web", namespace: "shop" }],
  }),
  incoming: field(incomingSchema, { description: "Which requests come here, and what is done with them." }),
  environment: field(environmentSchema, {
    description:
      "The variables of a program under exec. Rules count in this order, the last that names a variable decides: exclude, include, map, envFile, override, unset.",
  }),
  files: field(filesSchema, { description: "Where paths of a program under exec lead." }),
  outgoing: field(outgoingSchema, {
    description: "Where what a program under exec sends leaves, and where it looks names up.",
  }),
  sandbox: field(z.enum(["auto", "namespace", "seccomp", "off"]), {
    description: "How the calls of a program under exec are caught.",
    default: "auto",
  }),
  agent: field(agentSchema, {
    description: "The agent that is put beside the target where none runs there.",
  }),
  session: field(sessionSchema, { description: "How a session lives and ends, and what it says." }),
};

/** The config of magpie, the one definition of it: checks, JSON Schema and docs/config.md come of it. */
export const configSchema = z.strictObject({
  $schema: field(text, { description: "Where this schema is, for editors. It is not looked at." }),
  ...sections,
  profile: field(text, {
    description: "Which of profiles holds when nobody names one.",
    examples: ["ci"],
  }),
  profiles: field(z.record(z.string(), z.strictObject(sections)), {
    description:
      "Other values by a name, for --profile: each has the sections above, and what it says counts more than what stands outside. Lists take each other's place.",
    examples: [{ ci: { session: { output: "json", for: "10m" } } }],
  }),
});

/** A config as it is written in a file, templates filled in. */
export type Config = z.infer<typeof configSchema>;
