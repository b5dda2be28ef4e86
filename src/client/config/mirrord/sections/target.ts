import { ClientError } from "../../../errors.ts";
import { parseTarget } from "../../../target/parse-target.ts";
import type { Config } from "../../schema/index.ts";
import type { MirrordConfig } from "../shape/mirrord.ts";
import type { MirrordPath, TranslationReport } from "../translation-report.ts";

/** `target`, and what says of which cluster it is. */
export function targetOf(config: MirrordConfig, report: TranslationReport): Config["target"] {
  const { target, kubeconfig, kube_context: context, operator, agent } = config;
  const isPlaced = typeof target === "object" && ("path" in target || "namespace" in target);
  // What has neither path nor namespace is a kind and its name.
  const written = isPlaced ? target.path : (target as Written);
  const namespace = isPlaced ? target.namespace : undefined;
  const path: MirrordPath = isPlaced ? ["target", "path"] : ["target"];
  if (operator === true)
    report.notice(
      ["operator"],
      "there is no operator: the agent is started with your own rights, and is gone after you",
    );
  const name = nameOf(written, path, report);
  // Without its operator mirrord takes one of the pods; with it, and here, all of them are covered.
  const replicas = operator === false && name !== undefined && !name.startsWith("pod/") ? 1 : undefined;
  const parts = {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    ...(context !== undefined && { context }),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(agent?.namespace !== undefined && { agentNamespace: agent.namespace }),
    ...(replicas !== undefined && { replicas }),
  };
  const keys = Object.keys(parts);
  if (keys.length === 0) return undefined;
  return keys.length === 1 && name !== undefined ? name : parts;
}

type Written = string | { readonly container?: string | undefined } | undefined;

function nameOf(written: Written, path: MirrordPath, report: TranslationReport): string | undefined {
  if (written === undefined) return undefined;
  const text = typeof written === "string" ? written : textOf(written);
  if (text === "targetless") {
    report.notice(
      path,
      "there is no run without a target; name one by --target, whose network the program is to have",
    );
    return undefined;
  }
  try {
    parseTarget(text);
    return text;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    report.problem(path, error.message.replace(/^--target /, ""), { hint: error.hint });
    return undefined;
  }
}

function textOf(parts: { readonly container?: string | undefined }): string {
  const [kind = "", name = ""] = Object.entries(parts).find(([key]) => key !== "container") ?? [];
  const container = parts.container === undefined ? "" : `/container/${parts.container}`;
  return `${kind.replaceAll("_", "")}/${name}${container}`;
}
