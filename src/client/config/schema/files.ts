import { z } from "zod";
import { fileRuleOf } from "../../files/rules-of-file-flags.ts";
import { field, several, textReadBy } from "./field.ts";

/** Where paths of a program under exec lead. */
export const filesSchema = z.strictObject({
  mode: field(z.enum(["read", "read-write", "local"]), {
    description:
      "Where paths lead that no rule names: to the pod, to read or to write too, or to this machine.",
    default: "read",
  }),
  rules: field(several(textReadBy((rule) => fileRuleOf(rule, { workingDirectory: "/", home: "/" }))), {
    description:
      "mode:path each; the mode is read (the pod's), read-write, local (yours) or absent. The first that fits decides; ./ is the folder of the project.",
    examples: [["read-write:/var/lib/app", "local:./config", "absent:/etc/secret"]],
  }),
});
