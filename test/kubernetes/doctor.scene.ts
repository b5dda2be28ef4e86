import t from "tap";
import { runCli } from "../client/cli/run-cli.ts";
import { Cluster } from "./cluster/cluster.ts";

void t.test("the Role that the doctor prints is enough, and before it each right is named", async (t) => {
  await using cluster = await Cluster.start();
  await using namespace = await cluster.namespace("doctor");
  await namespace.applyExample();
  const KUBECONFIG = await namespace.user("ada", []);
  const image = ["--agent-image", cluster.agentImage, "--agent-pull-policy", "Never"];
  const doctor = (...flags: string[]) =>
    runCli(["doctor", "-t", "deployment/web", "--agent", "ephemeral", ...image, ...flags], { KUBECONFIG });

  const before = await doctor("--steal", "--port", "8080");
  t.equal(before.exitCode, 1);
  for (const right of [
    "get deployments.apps web",
    "list pods",
    "patch pods/ephemeralcontainers",
    "create pods/exec",
  ])
    t.match(before.stdout, `you may not ${right} in namespace ${namespace.name}`);

  const printed = await doctor("--rbac");
  const role = printed.stdout.replaceAll("REPLACE-WITH-THE-USER-NAME", `ada-${namespace.name}`);
  await namespace.apply(role);
  const after = await doctor("--steal", "--port", "8080");
  t.equal(after.exitCode, 0, after.stdout);
  t.match(after.stdout, /the API server would take the agent as it is \(a dry run/);
  t.match(after.stdout, /3 ready pods; looked at web-/);
  // Lines are as long as they are on paper.
  t.match(
    after.stdout.replaceAll(/\s+/g, " "),
    /readiness probe of container web [^:]*: the app always answers it/,
  );

  const asAdmin = await runCli(["doctor", "-t", "deployment/web", "-n", namespace.name, ...image], {
    KUBECONFIG: cluster.kubeconfig,
  });
  t.match(asAdmin.stdout, /node \S+: linux\//, "who may, sees the node too");
  const pods = await namespace.kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.ephemeralContainers}");
  t.equal(pods, "", "nothing was made");
});
