import type { KubernetesApi } from "../api/kubernetes-api.ts";
import { KubernetesError } from "../errors.ts";
import type { Finding } from "./finding.ts";
import type { PreflightRequest } from "./preflight-request.ts";
import { type PreflightReport, runPreflight } from "./run-preflight.ts";

/**
 * The preflight that goes before an agent is made: blockers end it, warnings are told and it goes on. That it could not be carried out
 * is none: whatever is made next shows what is wrong.
 * @throws KubernetesError `forbidden` for missing rights, `unsuitable` or `denied` for the rest, with all blockers; the signal's reason
 */
export async function passPreflight(
  api: KubernetesApi,
  request: Omit<PreflightRequest, "depth">,
  options: { readonly onWarning: (message: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { onWarning, signal } = options;
  let report: PreflightReport;
  try {
    report = await runPreflight(api, { ...request, depth: "quick" }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KubernetesError) return;
    throw error;
  }
  const of = (wanted: Finding["level"]): Finding[] => report.findings.filter(({ level }) => level === wanted);
  const blockers = of("blocker");
  if (blockers.length > 0) throw refusalOf(blockers, report);
  for (const { what, why, fix } of of("warning"))
    onWarning(
      [what, why, fix === undefined ? undefined : `to do: ${fix}`]
        .filter((part) => part !== undefined)
        .join("; "),
    );
}

function refusalOf(blockers: readonly Finding[], { lacking }: PreflightReport): KubernetesError {
  const [first] = blockers;
  const missing = lacking[0]?.access;
  const isDenied = first?.id === "pod-security" || first?.id === "admission";
  const code = missing !== undefined ? "forbidden" : isDenied ? "denied" : "unsuitable";
  const fixes = [...new Set(blockers.flatMap(({ fix }) => fix ?? []))];
  return new KubernetesError(
    code,
    blockers.map(({ what, why }) => (why === undefined ? what : `${what}: ${why}`)).join("\n"),
    { missing, ...(fixes.length === 0 ? {} : { hint: fixes.join("\n") }) },
  );
}
