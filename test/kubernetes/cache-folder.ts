import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where things are kept that take minutes to make: Kubernetes' binaries, the base image, podman's store. Outside the checkout, so
 * that a fresh one finds them; `MAGPIE_KUBERNETES_CACHE` names another place. Deleting it costs time only.
 */
export function cacheFolder(...below: readonly string[]): string {
  const top = process.env["MAGPIE_KUBERNETES_CACHE"] || join(homedir(), ".cache", "magpie", "kubernetes");
  const folder = join(top, ...below);
  mkdirSync(folder, { recursive: true });
  return folder;
}
