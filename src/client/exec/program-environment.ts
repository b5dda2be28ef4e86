import {
  bytesOf,
  type EnvironmentPlan,
  ownEnvironment,
  programVariables,
  sourcesOf,
} from "../context/index.ts";
import type { PodEnvironment } from "../control/read-environment.ts";
import type { Reporter } from "../running/reporter.ts";

/**
 * The environment of the program, as `magpie env` prints it, each `NAME=value` in bytes, but for the mark of the run. Tells whose
 * it is. Without `pods` it is the user's own.
 * @throws ClientError `ask-refused`
 */
export function programEnvironment(
  pods: { readonly plan: EnvironmentPlan; readonly environment: PodEnvironment } | undefined,
  reporter: Reporter,
): Buffer[] {
  const variables = pods === undefined ? [...ownEnvironment()] : decided(pods, reporter);
  return variables.map(([name, value]) => bytesOf(`${name}=${value}`));
}

function decided(
  { plan, environment }: { plan: EnvironmentPlan; environment: PodEnvironment },
  reporter: Reporter,
): [string, string][] {
  const sources = sourcesOf(environment);
  reporter.environment(sources);
  return programVariables(plan.rules, sources).flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
}
