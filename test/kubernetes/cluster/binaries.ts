import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../cache-folder.ts";
import { leashed, runCommand } from "../run-command.ts";

const script = fileURLToPath(new URL("build-binaries.sh", import.meta.url));
const names = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet"];
const buildTimeoutMs = 40 * 60_000;

/**
 * The folder with Kubernetes' own programs: `MAGPIE_KUBERNETES_BINARIES`, or those that were built before, or else builds them,
 * which takes six minutes once. There is no way to go without: whoever cannot build says so, or brings a cluster.
 * @throws Error that says what can be done
 */
export async function kubernetesBinaries(say: (line: string) => void): Promise<string> {
  const given = process.env["MAGPIE_KUBERNETES_BINARIES"];
  const folder = given || cacheFolder("binaries-1.20.2");
  const missing = () => names.filter((name) => !existsSync(join(folder, name)));
  if (missing().length === 0) return folder;
  if (given) throw new Error(`MAGPIE_KUBERNETES_BINARIES is ${given}, which has no ${missing().join(", ")}`);
  say(`building Kubernetes from Debian's source package into ${folder}, once: about six minutes`);
  const begun = Date.now();
  try {
    await runCommand(leashed([script, folder]), { timeoutMs: buildTimeoutMs });
  } catch (cause) {
    throw new Error(
      [
        "Kubernetes could not be built here, and the tests of this rung need one. Any of these helps:",
        "  a machine with Debian 12, root and its mirrors, once; then keep ~/.cache/magpie/kubernetes",
        "  MAGPIE_KUBERNETES_BINARIES=<folder with kube-apiserver, kube-controller-manager, kube-scheduler, kubelet>",
        "  MAGPIE_TEST_KUBECONFIG=<kubeconfig of a cluster that may be played with, kind for one>",
        `What went wrong: ${String(cause)}`,
      ].join("\n"),
      { cause },
    );
  }
  say(`built in ${Math.round((Date.now() - begun) / 1000)} s`);
  return folder;
}
