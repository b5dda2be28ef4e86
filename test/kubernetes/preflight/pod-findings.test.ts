import t from "tap";
import type { Container, Pod } from "../../../src/kubernetes/index.ts";
import { podFindings } from "../../../src/kubernetes/preflight/pod-findings.ts";
import { levelLines } from "./level-lines.ts";
import { bySteal } from "./stage.ts";

function examine(about: {
  containers?: readonly Container[];
  spec?: Partial<Pod["spec"]>;
  status?: Pod["status"];
  leaving?: boolean;
  features?: Partial<typeof bySteal>;
  container?: string;
}): string {
  const { containers = [{ name: "web", ports: [{ containerPort: 8080, name: "http" }] }] } = about;
  const pod: Pod = {
    metadata: { name: "web-0", ...(about.leaving === true ? { deletionTimestamp: "now" } : {}) },
    spec: { containers, ...about.spec },
    status: about.status ?? { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  };
  return levelLines(
    podFindings(pod, { features: { ...bySteal, ...about.features }, container: about.container ?? "web" }),
  );
}

void t.test("a pod that serves is nothing to speak of", async (t) => {
  t.equal(examine({}), "");
});

void t.test("one that does not is told with its state", async (t) => {
  t.match(
    examine({ status: { phase: "Pending", message: "no node" } }),
    /^blocker pod-not-running: pod web-0 is Pending: no node/,
  );
  t.match(examine({ leaving: true }), /^warning pod-leaving/);
  const conditions = [{ type: "Ready", status: "False" as const }];
  t.match(examine({ status: { phase: "Running", conditions } }), /^warning pod-not-ready/);
});

void t.test("ports that nobody declares, or that are none of TCP, are told", async (t) => {
  t.match(examine({ features: { ports: [80] } }), /^note port-undeclared: .*declared are 8080 \(http\)/);
  t.equal(
    examine({ containers: [{ name: "web" }], features: { ports: [80] } }),
    "",
    "without any there is nothing to go by",
  );
  const udp = [{ name: "web", ports: [{ containerPort: 53, protocol: "UDP" as const }] }];
  t.match(examine({ containers: udp, features: { ports: [53] } }), /^warning port-protocol/);
  const two = [{ name: "web", ports: [{ containerPort: 8080 }] }, { name: "log" }];
  t.match(
    examine({ containers: two, container: "log" }),
    /^note port-container: port 8080 is of container web/,
  );
});

void t.test("a pod that is short of memory is told, where every container has a limit", async (t) => {
  const limited = (memory: string) => ({
    name: "web",
    ports: [{ containerPort: 8080 }],
    resources: { limits: { memory } },
  });
  t.match(examine({ containers: [limited("128Mi")] }), /^warning memory: the pod may use 128 MiB in all/);
  t.equal(examine({ containers: [limited("1Gi")] }), "");
  t.equal(examine({ containers: [limited("128Mi"), { name: "log" }] }), "", "else the pod has no limit");
  t.equal(examine({ containers: [limited("128Mi")], features: { form: "pod" } }), "");
});

void t.test("shared processes are told to who looks into the app", async (t) => {
  const spec = { shareProcessNamespace: true };
  t.match(examine({ spec, features: { looksIntoApp: true } }), /^ok shared-processes: .*found by its id/);
  t.equal(examine({ spec }), "");
});
