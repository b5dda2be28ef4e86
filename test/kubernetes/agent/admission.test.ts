import t from "tap";
import { explainRefusal, mayTryPod } from "../../../src/kubernetes/agent/admission.ts";
import { KubernetesError } from "../../../src/kubernetes/index.ts";

const ephemeral = { form: "ephemeral", namespace: "shop" } as const;

void t.test("Pod Security is told by its level, with the two ways out", (t) => {
  const said =
    'pods "web" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities (container "magpie-1" must not include "NET_ADMIN")';
  const error = explainRefusal(new KubernetesError("denied", said), ephemeral);
  t.match(error, {
    code: "denied",
    message: /namespace shop enforces the Pod Security level "baseline"/,
    hint: /--agent pod --agent-namespace .*kubectl label namespace shop pod-security.kubernetes.io\/enforce=privileged/,
  });
  t.ok(mayTryPod(error));
  t.end();
});

void t.test("a quota, and a cluster without ephemeral containers, are told as what they are", (t) => {
  const quota = explainRefusal(
    new KubernetesError("denied", 'pods "magpie-1" is forbidden: exceeded quota: small, requested: pods=1'),
    { form: "pod", namespace: "shop" },
  );
  t.match(quota, { message: /namespace shop has no room for the agent/, hint: /--agent-namespace/ });
  const old = explainRefusal(
    new KubernetesError("not-found", "the server could not find the requested resource"),
    ephemeral,
  );
  t.match(old, { code: "unsuitable", hint: /--agent pod/ });
  t.ok(mayTryPod(old));
  t.end();
});

void t.test("what is no refusal of an agent is given back as it is", (t) => {
  const away = new KubernetesError("unreachable", "no route");
  t.equal(explainRefusal(away, ephemeral), away);
  t.notOk(mayTryPod(away));
  t.end();
});
