import t from "tap";
import {
  type Finding,
  KubernetesError,
  runPreflight,
  tryAgent,
  defaultPlacement,
} from "../../../src/kubernetes/index.ts";
import { ApiStatus } from "../../fixtures/kubernetes/api-status.ts";
import { bySteal, everyRight, openStage } from "./stage.ts";

const { signal } = new AbortController();
const of = (findings: readonly Finding[], level: Finding["level"]) =>
  findings.filter((finding) => finding.level === level).map(({ what }) => what);

void t.test("with all rights and nothing in the way there is no blocker and no warning", async (t) => {
  await using stage = await openStage("all");
  const { findings, lacking } = await runPreflight(stage.api, stage.request, { signal });
  t.same([...of(findings, "blocker"), ...of(findings, "warning")], []);
  t.same(lacking, []);
  t.match(of(findings, "ok").join("\n"), /you have all 7 rights[^]*node node-1: linux\/amd64, kernel 6\.1/);
});

void t.test("each right that is missing is named: verb, resource, namespace", async (t) => {
  const texts = [
    "get deployments.apps web in namespace shop",
    "get pods in namespace shop",
    "list pods in namespace shop",
    "watch pods in namespace shop",
    "patch pods/ephemeralcontainers in namespace shop",
    "create pods/exec in namespace shop",
    "create pods/portforward in namespace shop",
  ];
  await using stage = await openStage(everyRight);
  for (const [index, text] of texts.entries()) {
    stage.cluster.users = stage.cluster.users.map((user) => ({
      ...user,
      rules: everyRight.filter((_rule, at) => at !== index),
    }));
    const { findings, lacking } = await runPreflight(stage.api, stage.request, { signal });
    // Without watching, all works that is there already.
    const isSoft = text.startsWith("watch");
    t.same(of(findings, isSoft ? "warning" : "blocker"), [`you may not ${text}`]);
    t.equal(lacking.length, isSoft ? 0 : 1);
  }
});

void t.test("what may not be looked at is a note and no more", async (t) => {
  await using stage = await openStage(everyRight);
  const { findings } = await runPreflight(stage.api, stage.request, { signal });
  t.same([...of(findings, "blocker"), ...of(findings, "warning")], []);
  const notes = of(findings, "note").join("\n");
  t.match(notes, /node node-1 could not be looked at \(ada@shop\.example may not get nodes/);
  t.match(notes, /Pod Security level of namespace shop could not be seen/);
  t.match(notes, /network plugin the cluster has could not be seen/);
});

void t.test("nothing is made by it, not even by a trial", async (t) => {
  await using stage = await openStage("all");
  const placement = { ...defaultPlacement, form: "ephemeral" as const };
  const settings = { redirect: "auto", looksIntoApp: true };
  const request = {
    ...stage.request,
    trial: ({ container = "", signal, ...about }: Parameters<NonNullable<typeof stage.request.trial>>[0]) =>
      tryAgent(stage.api, { ...about, container, placement, settings }, { signal }),
  };
  const before = stage.cluster.store.version;
  for (const form of ["ephemeral", "pod", "auto"] as const) {
    const features = { ...bySteal, form };
    const { findings } = await runPreflight(stage.api, { ...request, features }, { signal });
    t.match(of(findings, "ok").join("\n"), /the API server would take the agent as it is/, form);
  }
  t.equal(stage.cluster.store.version, before);
  const made = stage.cluster.requests.filter((line) => !/^GET |reviews$|dryRun=All/.test(line));
  t.same(made, []);
});

void t.test("what a rule of admission says to the trial is a blocker, in its words", async (t) => {
  await using stage = await openStage("all");
  const said =
    'pods "web-abc-1" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities';
  const trial = () => Promise.reject(new KubernetesError("denied", said));
  const { findings } = await runPreflight(stage.api, { ...stage.request, trial }, { signal });
  t.match(of(findings, "blocker"), [/Pod Security level "baseline" refuses the agent in namespace shop/]);
});

void t.test("where one form is refused and the other is not, that is a warning", async (t) => {
  await using stage = await openStage("all");
  const trial = ({ form }: { form: string }) =>
    form === "pod"
      ? Promise.resolve()
      : Promise.reject(new KubernetesError("denied", "no capabilities here"));
  const request = { ...stage.request, trial, features: { ...bySteal, form: "auto" as const } };
  const { findings } = await runPreflight(stage.api, request, { signal });
  t.same(of(findings, "blocker"), []);
  t.match(of(findings, "warning"), [/will be a privileged pod .*: no capabilities here/]);
});

void t.test("of two forms either will do", async (t) => {
  const withoutPatch = everyRight.filter(({ verbs }) => !verbs.includes("patch"));
  const features = { ...bySteal, form: "auto" as const };
  await using stage = await openStage(withoutPatch);
  const request = { ...stage.request, features };
  t.same(of((await runPreflight(stage.api, request, { signal })).findings, "blocker"), [
    "you may not patch pods/ephemeralcontainers in namespace shop",
  ]);
  const create = { verbs: ["create"], resources: ["pods"], namespaces: ["shop"] };
  stage.cluster.users = stage.cluster.users.map((user) => ({ ...user, rules: [...withoutPatch, create] }));
  const { findings } = await runPreflight(stage.api, request, { signal });
  t.same(of(findings, "blocker"), []);
  t.match(of(findings, "warning"), [/you may not put an ephemeral container into the pod/]);
});

void t.test("a namespace that enforces a level is told by its labels where nothing is tried", async (t) => {
  await using stage = await openStage("all");
  for (const [level, expected] of [
    ["baseline", 1],
    ["restricted", 1],
    ["privileged", 0],
  ] as const) {
    const labels = { "pod-security.kubernetes.io/enforce": level };
    const metadata = { name: "shop", labels };
    stage.cluster.put({ kind: "Namespace", metadata });
    const { findings } = await runPreflight(stage.api, stage.request, { signal });
    t.equal(of(findings, "blocker").length, expected, level);
  }
});

void t.test("who joins an agent needs no right to make one", async (t) => {
  await using stage = await openStage(everyRight.filter(({ verbs }) => !verbs.includes("patch")));
  const [pod] = stage.cluster.store.list(
    { group: "", version: "v1", plural: "pods", kind: "Pod", namespaced: true },
    { namespace: "shop" },
  );
  const agent = { name: "magpie-1", image: "magpie-agent", command: ["magpie-agent"], args: ["run"] };
  stage.cluster.put({
    kind: "Pod",
    metadata: { ...pod?.metadata, name: "web-abc-1", namespace: "shop" },
    spec: { ...(pod?.spec as object), ephemeralContainers: [agent] },
    status: {
      ...(pod?.status as object),
      ephemeralContainerStatuses: [{ name: "magpie-1", state: { running: {} } }],
    },
  });
  const { findings } = await runPreflight(stage.api, stage.request, { signal });
  t.same(of(findings, "blocker"), []);
  t.match(
    of(findings, "ok").join("\n"),
    /an agent runs there already \(container magpie-1 of pod web-abc-1\)/,
  );
});

void t.test("streams take create; before Kubernetes 1.35 get will do, for WebSockets", async (t) => {
  const byGet = everyRight.map((rule) =>
    /exec|portforward/.test(rule.resources[0] ?? "") ? { ...rule, verbs: ["get"] } : rule,
  );
  await using stage = await openStage(byGet);
  const blockers = async () =>
    of((await runPreflight(stage.api, stage.request, { signal })).findings, "blocker");
  t.same(await blockers(), [
    "you may not create pods/exec in namespace shop",
    "you may not create pods/portforward in namespace shop",
  ]);
  stage.api.version = () => Promise.resolve({ gitVersion: "v1.34.1", platform: "linux/amd64" });
  t.same(await blockers(), []);
});

void t.test(
  "an API server that does not answer in time keeps nobody waiting for what is not needed",
  async (t) => {
    await using stage = await openStage("all");
    stage.cluster.intercept = ({ url = "" }) => (url.includes("/nodes/") ? "hang" : undefined);
    const began = performance.now();
    const { findings } = await runPreflight(stage.api, { ...stage.request, depth: "quick" }, { signal });
    t.ok(performance.now() - began < 6_000);
    t.match(of(findings, "note").join("\n"), /node node-1 could not be looked at/);
    stage.cluster.intercept = () => new ApiStatus(500, "InternalError", "down");
    t.same(
      of((await runPreflight(stage.api, stage.request, { signal })).findings, "blocker").length,
      1,
      "no target, then",
    );
  },
);
