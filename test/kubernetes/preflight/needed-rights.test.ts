import t from "tap";
import { neededRights, rightText } from "../../../src/kubernetes/preflight/needed-rights.ts";
import { bySteal } from "./stage.ts";

type Kind = Parameters<typeof neededRights>[0]["reference"]["kind"];

const texts = (kind: Kind, features: Partial<Parameters<typeof neededRights>[0]["features"]> = {}) =>
  neededRights({
    namespace: "shop",
    reference: { kind, name: "web" },
    features: { ...bySteal, ...features },
  }).map(({ access }) => rightText(access));

void t.test("each kind of target takes reading what it names", async (t) => {
  const named: [Kind, string][] = [
    ["deployment", "get deployments.apps web in namespace shop"],
    ["statefulset", "get statefulsets.apps web in namespace shop"],
    ["job", "get jobs.batch web in namespace shop"],
    ["service", "get services web in namespace shop"],
    ["rollout", "get rollouts.argoproj.io web in namespace shop"],
  ];
  for (const [kind, text] of named) t.equal(texts(kind)[0], text);
  t.match(texts("cronjob"), [
    "get cronjobs.batch web in namespace shop",
    "list jobs.batch in namespace shop",
  ]);
  t.equal(texts("pod")[0], "get pods in namespace shop");
});

void t.test("an agent elsewhere takes its rights there", async (t) => {
  const rights = texts("pod", { form: "pod", agentNamespace: "tools" });
  t.ok(rights.includes("create pods in namespace tools"));
  t.ok(rights.includes("create pods/exec in namespace tools"));
  t.notOk(rights.includes("create pods/exec in namespace shop"));
  t.ok(
    rights.includes("create pods/portforward in namespace shop"),
    "the way to it leads through the target",
  );
  t.notOk(rights.includes("patch pods/ephemeralcontainers in namespace shop"));
});
