import { z } from "zod";
import { parseOutgoingRule } from "../../outgoing/rules/parse-outgoing-rule.ts";
import { field, several, textReadBy } from "./field.ts";

/** Where flows of a program under exec leave, and where names are looked up. */
export const outgoingSchema = z.strictObject({
  rules: field(several(textReadBy((rule) => parseOutgoingRule(rule, "--outgoing"))), {
    description:
      "local: or remote: and what it is about, as `magpie help exec` tells them. The first that fits decides; what none names leaves from the pod.",
    examples: [["local:*.corp.example", "remote:tcp://[fd00::/8]:443", "local:udp://*:53"]],
  }),
});
