import t from "tap";
import { ClusterGate } from "../../../src/client/target/cluster-gate.ts";
import { openTarget } from "../../../src/client/target/index.ts";
import { defaultPlacement } from "../../../src/kubernetes/index.ts";
import { everyRight, openStage } from "../../kubernetes/preflight/stage.ts";

const wish = { redirect: "auto", lingerMs: 0 } as const;

void t.test("a right that is missing ends it before anything is made, for one pod and for all", async (t) => {
  await using stage = await openStage(everyRight.filter(({ resources }) => !resources.includes("pods/exec")));
  const kubeconfig = await stage.cluster.kubeconfig({ namespace: "shop" });
  for (const label of ["deployment/web", "pod/web-abc-1"]) {
    const target = openTarget(label, { kubeconfig });
    const signal = AbortSignal.timeout(20_000);
    const [member] = (await target.members?.list({ signal })) ?? [];
    for (const { site } of [target, ...(member === undefined ? [] : [member.target])])
      await t.rejects(site.ticket(wish, { signal }), {
        code: "not-permitted",
        message: /^you may not create pods\/exec in namespace shop: /,
      });
  }
  const made = stage.cluster.requests.filter((line) => !/^GET |reviews$|dryRun=All/.test(line));
  t.same(made, []);
});

void t.test("a warning is told once, however many pods there are", async (t) => {
  await using stage = await openStage("all");
  const gate = new ClusterGate();
  const { pod } = await stage.request.findPod(AbortSignal.timeout(20_000));
  const told: string[] = [];
  const { reference } = stage.request;
  const pass = gate.of({ api: stage.api, reference, container: "web", placement: defaultPlacement });
  const sandboxed = { ...pod, spec: { ...pod.spec, runtimeClassName: "gvisor" } };
  for (let count = 0; count < 2; count++)
    await pass({
      pod: sandboxed,
      settings: { redirect: "auto", looksIntoApp: false },
      onWarning: (message) => void told.push(message),
      signal: undefined,
    });
  t.equal(told.length, 1);
  t.match(told[0], /gVisor/);
});
