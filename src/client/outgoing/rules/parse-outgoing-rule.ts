import type { ClientError } from "../../errors.ts";
import { closest } from "../../text/closest.ts";
import { readFlows } from "./read-flows.ts";
import type { OutgoingRule } from "./outgoing-rule.ts";
import { Written } from "./written.ts";

const forms = [
  "Write local:*.corp.example, remote:10.0.0.0/8, local:redis:6379, local:udp://*:53, remote:tcp://[fd00::/8]:443",
  "or remote:unix:/run/app/**.",
].join(" ");

/**
 * Reads a rule as the user writes it: `local:` or `remote:`, and which flows.
 *
 * | flows               | examples                                                                  |
 * |---------------------|---------------------------------------------------------------------------|
 * | a host              | `redis`, `*.corp.example`, `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`, `*`        |
 * | and a port          | `redis:6379`, `*:8000-8999`, `[fd00::/8]:443`                              |
 * | and a protocol      | `tcp://redis:6379`, `udp://*:53`                                          |
 * | a socket of unix(7) | `unix:/run/app/*.sock`, `unix:/run/app/**`, `unix:@abstract-name`         |
 *
 * @param flag how the text was given, for messages
 * @throws ClientError `usage`, with the place and how to write it
 */
export function parseOutgoingRule(text: string, flag = "--outgoing"): OutgoingRule {
  const written = new Written(text, flag);
  const colon = text.indexOf(":");
  const where = colon === -1 ? text : text.slice(0, colon);
  if (where !== "local" && where !== "remote") throw withoutWhere(written, where);
  if (colon === -1) throw written.wrong(text.length, "it does not say which flows", forms);
  return { where, flows: readFlows(written, colon + 1), written: text, builtIn: null };
}

function withoutWhere(written: Written, word: string): ClientError {
  const meant = closest(word, ["local", "remote"]);
  const hint = meant === undefined ? forms : `Did you mean ${meant}:?`;
  return written.wrong(0, "a rule begins with local: (this machine) or remote: (the pod)", hint);
}
