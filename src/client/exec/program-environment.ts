import {
  bytesOf,
  type EnvironmentPlan,
  ownEnvironment,
  programVariables,
  sourcesOf,
} from "../context/index.ts";
import type { PodEnvironment } from "../control/read-environment.ts";
import { RunMark } from "../process/index.ts";
import type { Reporter } from "../running/reporter.ts";

/**
 * The environment of the program, as `magpie env` prints it, each `NAME=value` in bytes, with our own mark last. Tells whose
 * it is. Without `pods` it is the user's own.
 * @throws ClientError `ask-refused`
 */
export function programEnvironment(
  pods: { readonly plan: EnvironmentPlan; readonly environment: PodEnvironment } | undefined,
  about: { reporter: Reporter; mark: RunMark },
): Buffer[] {
  const { reporter, mark } = about;
  const variables = pods === undefined ? [...ownEnvironment()] : decided(pods, reporter);
  const assignments = variables.map(([name, value]) => `${name}=${value}`);
  // One that we were started with ourselves is somebody else's.
  const others = assignments.filter((text) => !text.startsWith(`${RunMark.variable}=`));
  return [...others, mark.assignment].map(bytesOf);
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
