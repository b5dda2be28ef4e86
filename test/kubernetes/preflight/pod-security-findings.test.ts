import { load } from "js-yaml";
import t from "tap";
import { KubernetesError } from "../../../src/kubernetes/index.ts";
import {
  admissionFindings,
  exceptionYaml,
  type TrialOutcome,
} from "../../../src/kubernetes/preflight/pod-security-findings.ts";
import { levelLines } from "./level-lines.ts";
import { bySteal } from "./stage.ts";

const label = "pod-security.kubernetes.io/";

function examine(labels: Record<string, string>, trials: TrialOutcome[] = []): string {
  const namespaceObject = { value: { metadata: { name: "shop", labels } } };
  return levelLines(admissionFindings({ namespace: "shop", namespaceObject, features: bySteal, trials }));
}
const refused = (message: string, code: "denied" | "invalid" | "forbidden" | "not-found" = "denied") =>
  [{ form: "ephemeral", said: "no", error: new KubernetesError(code, message) }] as const;

void t.test("labels count where nothing was tried", async (t) => {
  t.match(examine({}), /^ok pod-security: namespace shop names no Pod Security level/);
  t.match(examine({ [`${label}enforce`]: "privileged" }), /^ok pod-security/);
  t.match(examine({ [`${label}enforce`]: "baseline" }), /^blocker pod-security: .*"baseline"/);
  t.match(
    examine({ [`${label}warn`]: "restricted" }),
    /note pod-security-warns: .*warns of Pod Security above "restricted"/,
  );
});

void t.test("a trial counts more than labels", async (t) => {
  const taken = [{ form: "ephemeral", said: "yes" }] as const;
  t.match(
    examine({ [`${label}enforce`]: "restricted" }, [...taken]),
    /^ok admission: .*you or it are exempt/,
  );
  t.match(examine({}, [...refused('violates PodSecurity "baseline:latest": x')]), /^blocker pod-security/);
  t.match(
    examine({}, [...refused('admission webhook "kyverno" denied the request')]),
    /^blocker admission: .*kyverno/,
  );
  t.match(
    examine({}, [...refused('admission webhook "x" does not support dry run', "invalid")]),
    /^note admission: a webhook does not take part/,
  );
  t.match(
    examine({}, [...refused("ada may not patch pods/ephemeralcontainers", "forbidden")]),
    /^ok pod-security/,
  );
  t.match(
    examine({}, [...refused("the server could not find the requested resource", "not-found")]),
    /^blocker ephemeral-containers/,
  );
});

void t.test("the exception allows privileged pods, and goes on warning of what was enforced", async (t) => {
  const labels = { [`${label}enforce`]: "restricted" };
  t.same(load(exceptionYaml("shop", { value: { metadata: { name: "shop", labels } } })), {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: "shop",
      labels: {
        [`${label}enforce`]: "privileged",
        [`${label}warn`]: "restricted",
        [`${label}audit`]: "restricted",
      },
    },
  });
  t.match(exceptionYaml("shop", { unseen: "forbidden", because: "" }), /enforce: privileged/);
});
