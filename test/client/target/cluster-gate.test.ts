import t from "tap";
import { ClusterGate } from "../../../src/client/target/cluster-gate.ts";
import { openTarget } from "../../../src/client/target/index.ts";
import { defaultPlacement } from "../../../src/kubernetes/index.ts";
import { sampleService } from "../../fixtures/kubernetes/sample-objects.ts";
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
  const pass = gate.of({
    ...{ api: stage.api, reference, placement: defaultPlacement },
    ...{ container: "web", asked: { ports: [], incoming: true } },
  });
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

void t.test(
  "what is said of a port is said of the asked ones, of a service in its pods' numbers",
  async (t) => {
    await using stage = await openStage("all");
    stage.cluster.put(sampleService("web"));
    const { pod } = await stage.request.findPod(AbortSignal.timeout(20_000));
    const container = { name: "web", ports: [{ containerPort: 8080, protocol: "UDP" as const }] };
    const datagrams = { ...pod, spec: { ...pod.spec, containers: [container] } };
    const told = async (kind: "deployment" | "service", port: number): Promise<string> => {
      const warnings: string[] = [];
      const pass = new ClusterGate().of({
        ...{ api: stage.api, placement: defaultPlacement, container: "web" },
        reference: { kind, name: "web", label: `${kind}/web`, container: undefined },
        asked: { ports: [port], incoming: true },
      });
      await pass({
        pod: datagrams,
        settings: { redirect: "auto", looksIntoApp: false },
        onWarning: (message) => void warnings.push(message),
        signal: undefined,
      });
      return warnings.join("\n");
    };
    t.match(await told("deployment", 8080), /port 8080 is UDP/);
    t.match(await told("service", 80), /port 8080 is UDP/);
    t.notMatch(await told("deployment", 80), /UDP/);
  },
);
