import { basename } from "node:path";
import type { ConfigFile } from "../find-config.ts";

/** Fields of mirrord's config at its top that ours has not, where most files have one. */
const theirs =
  "feature|operator|kube_context|accept_invalid_certificates|skip_processes|internal_proxy|telemetry|use_proxy|sip_binaries|connect_tcp";
const fieldOfTheirs = new RegExp(
  [
    // JSON: the first name, or one behind a comma or a bracket; a deeper one does no harm, since ours has none there.
    `[{,}]\\s*"(?:${theirs})"\\s*:`,
    // YAML and TOML: at the begin of a line.
    `^(?:${theirs})\\s*[:=]`,
    `^\\[(?:${theirs})[.\\]]`,
    `^feature\\.`,
  ].join("|"),
  "m",
);

/**
 * Whether a file is a config of mirrord: by its name, or by a field that only mirrord has. It is looked at as text, for a file
 * with templates of mirrord may be no JSON before they are filled in.
 */
export function isMirrords({ path }: Pick<ConfigFile, "path">, text: string): boolean {
  const name = basename(path).toLowerCase();
  if (/^(?:.*[.-])?mirrord\.[a-z]+$/.test(name) || /[/\\]\.mirrord[/\\][^/\\]+$/.test(path)) return true;
  return !name.startsWith("magpie.") && fieldOfTheirs.test(text);
}
