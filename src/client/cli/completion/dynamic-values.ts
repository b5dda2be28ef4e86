import type { Candidate, DynamicValues } from "./complete.ts";

/** Whoever has pressed Tab waits no longer. */
const patienceMs = 1_000;

/** Asks this machine and the cluster, for a second at most; what has answered by then is given, and errors are nobody's matter. */
export const dynamicValues: DynamicValues = {
  targets: async (partial, flags) => {
    const signal = AbortSignal.timeout(patienceMs);
    const asked = [
      targetsOfCluster(flags, signal),
      ...(isOfCluster(flags) ? [] : targetsHere(partial, signal)),
    ];
    const answers = await Promise.all(asked.map((answer) => inTime(answer)));
    return [...new Map(answers.flat().map((one) => [one.value, one])).values()];
  },
  sessions: () => inTime(ownSessions()),
};

function isOfCluster(flags: ReadonlyMap<string, string>): boolean {
  return ["--namespace", "--context", "--kubeconfig"].some((flag) => flags.has(flag));
}

async function inTime(answer: Promise<readonly Candidate[]>): Promise<readonly Candidate[]> {
  const late = new Promise<readonly Candidate[]>((resolve) =>
    setTimeout(() => resolve([]), patienceMs).unref(),
  );
  return await Promise.race([answer.catch(() => []), late]);
}

async function targetsOfCluster(
  flags: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const { listCluster } = await import("../actions/targets.ts");
  const given = (name: "namespace" | "context" | "kubeconfig") => {
    const value = flags.get(`--${name}`);
    return value === undefined ? {} : { [name]: value };
  };
  const choice = { ...given("namespace"), ...given("context"), ...given("kubeconfig") };
  const found = await listCluster({ ...choice, allNamespaces: false }, signal);
  return (found?.targets ?? []).flatMap(({ target, ready, wanted, state, containers }) => {
    const apps = containers.filter(({ sidecar }) => sidecar === undefined);
    const whole = { value: target, about: state || `${ready}/${wanted} ready` };
    if (apps.length < 2) return [whole];
    return [whole, ...apps.map(({ name }) => ({ value: `${target}/container/${name}`, about: whole.about }))];
  });
}

function targetsHere(partial: string, signal: AbortSignal): Promise<readonly Candidate[]>[] {
  return [namespacesAndContainers(signal), partial.startsWith("pid:") ? processes() : Promise.resolve(forms)];
}

const forms: readonly Candidate[] = [{ value: "pid:", about: "a process of this machine", goesOn: true }];

async function namespacesAndContainers(signal: AbortSignal): Promise<readonly Candidate[]> {
  const { listLocalTargets } = await import("../../targets/local-targets.ts");
  const listed = await listLocalTargets({ signal });
  return listed.map(({ target, image, isRunning }) => ({
    value: target,
    about: isRunning ? image : "stopped",
  }));
}

async function processes(): Promise<readonly Candidate[]> {
  const { listListeningProcesses } = await import("../../targets/listening-processes.ts");
  return listListeningProcesses().map(({ pid, name, ports }) => ({
    value: `pid:${pid}`,
    about: `${name}, listens on ${ports.join(", ")}`,
  }));
}

async function ownSessions(): Promise<readonly Candidate[]> {
  const { OwnSessions } = await import("../../own-sessions/index.ts");
  return new OwnSessions().list().map(({ session, mode, targetLabel, ports }) => ({
    value: session,
    about: `${mode} of ${targetLabel}${ports.length === 0 ? "" : `, port ${ports.join(", ")}`}`,
  }));
}
