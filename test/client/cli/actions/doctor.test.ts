import { loadAll } from "js-yaml";
import t from "tap";
import { everyRight, openStage } from "../../../kubernetes/preflight/stage.ts";
import { runCli } from "../run-cli.ts";

const ofRights = everyRight.filter(({ resources }) => !resources.includes("pods/exec"));

void t.test("magpie doctor tells what lacks, and ends with 1", async (t) => {
  await using stage = await openStage(ofRights);
  const environment = { KUBECONFIG: await stage.cluster.kubeconfig({ namespace: "shop" }) };
  const { stdout, exitCode } = await runCli(["doctor", "-t", "deployment/web", "--steal"], environment);
  t.equal(exitCode, 1);
  t.match(stdout, /✗ blocker {2}you may not create pods\/exec in namespace shop\n/);
  t.match(stdout, /deployment\/web: 1 blocker: it would not work as it is\n$/);
});

void t.test("--output json is a line for each finding, and a verdict", async (t) => {
  await using stage = await openStage("all");
  const environment = { KUBECONFIG: await stage.cluster.kubeconfig({ namespace: "shop" }) };
  const { stdout, exitCode } = await runCli(
    ["doctor", "-t", "deployment/web", "--steal", "--output", "json"],
    environment,
  );
  t.equal(exitCode, 0);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string });
  t.match(lines.at(-1), { event: "verdict", target: "deployment/web", blockers: 0, warnings: 0 });
  t.match(lines[0], { event: "finding", id: /./, level: /^(?:note|ok)$/, what: /./ });
});

void t.test("--rbac and --exception print YAML alone on stdout", async (t) => {
  await using stage = await openStage(ofRights);
  stage.cluster.tellsWho = false;
  const environment = { KUBECONFIG: await stage.cluster.kubeconfig({ namespace: "shop" }) };
  const flags = ["--steal", "--rbac", "--exception"];
  const { stdout, stderr, exitCode } = await runCli(
    ["doctor", "-t", "deployment/web", ...flags],
    environment,
  );
  t.equal(exitCode, 1, "what was found is its verdict still");
  t.match(loadAll(stdout), [{ kind: "Role" }, { kind: "RoleBinding" }, { kind: "Namespace" }]);
  t.match(stderr, /✗ blocker/);
  t.match(stderr, /does not say who you are to it: the Role is for "REPLACE-WITH-THE-USER-NAME"/);
});

void t.test("a wrong command line ends with 2, and says what is wrong", async (t) => {
  const cases = [
    [[], /it is not said what the doctor shall look at/],
    [["-t", "netns:x", "--rbac"], /--rbac is for targets of a cluster/],
    [["-t", "netns:x", "-p", "x"], /--port "x" names no port/],
    [["-t", "deployment/web", "--kubeconfig", "/nonexistent"], /the kubeconfig \/nonexistent does not exist/],
  ] as const;
  for (const [args, message] of cases) {
    const { stderr, exitCode } = await runCli(["doctor", ...args]);
    t.equal(exitCode, 2, args.join(" "));
    t.match(stderr, message);
  }
});
