import { ClientError } from "../errors.ts";
import { closest } from "../text/closest.ts";
import type { Target } from "./target.ts";

const forms = "netns:<name>, netns:/path/to/namespace or pid:<number>";

/**
 * Reads the text after `--target`.
 * @throws ClientError `usage` when it has none of the known forms; the hint names them, or the one nearly written.
 */
export function parseTarget(text: string): Target {
  const colon = text.indexOf(":");
  if (colon === -1) throw malformed(text, `A target is ${forms}. Did you mean netns:${text}?`);
  const kind = text.slice(0, colon);
  const value = text.slice(colon + 1);
  if (kind === "netns") {
    if (value.startsWith("/")) return { kind: "netns-path", path: value };
    if (value === "" || value.includes("/") || value === "." || value === "..") {
      throw malformed(text, "After netns: comes a name that `ip netns list` shows, or an absolute path.");
    }
    return { kind: "netns", name: value };
  }
  if (kind === "pid") {
    if (!/^[1-9]\d{0,9}$/.test(value))
      throw malformed(text, "After pid: comes the number of a running process.");
    return { kind: "pid", pid: Number(value) };
  }
  const meant = closest(kind, ["netns", "pid"]);
  throw malformed(
    text,
    `A target is ${forms}.${meant === undefined ? "" : ` Did you mean ${meant}:${value}?`}`,
  );
}

function malformed(text: string, hint: string): ClientError {
  return new ClientError("usage", `--target ${JSON.stringify(text)} is not a target`, { hint });
}
