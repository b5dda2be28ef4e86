import t from "tap";
import type { Pod } from "../../../src/kubernetes/index.ts";
import { imageFindings } from "../../../src/kubernetes/preflight/image-findings.ts";
import { levelLines } from "./level-lines.ts";

const image = "ghcr.io/magpie-dev/magpie-agent:0.1.0";

function examine(
  about: {
    there?: string[];
    policy?: string;
    secrets?: string[];
    form?: "ephemeral" | "pod";
    image?: string;
  } = {},
): string {
  const { there, secrets = [], form = "ephemeral" } = about;
  const imagePullSecrets = secrets.map((name) => ({ name }));
  const pod: Pod = { metadata: { name: "web-0" }, spec: { containers: [], imagePullSecrets } };
  const node =
    there === undefined
      ? ({ unseen: "forbidden", because: "no" } as const)
      : { value: { metadata: { name: "n1" }, status: { images: [{ names: there }] } } };
  return levelLines(
    imageFindings({ pod, node, image: about.image ?? image, imagePullPolicy: about.policy, form }),
  );
}

void t.test("an image that is on the node is fine", async (t) => {
  t.match(examine({ there: [image] }), /^ok image/);
  t.match(examine({ there: ["docker.io/library/agent:1"], image: "agent:1" }), /^ok image/);
  t.match(examine({ there: [image], policy: "Always" }), /^note image/, "unless it is pulled anyway");
});

void t.test("one that is pulled is told with registry and credentials", async (t) => {
  t.match(examine(), /^note image: .* from ghcr\.io, without a secret/);
  t.match(examine({ secrets: ["regcred"] }), /with the pod's own pull secrets \(regcred\)/);
  t.match(examine({ form: "pod" }), /with the secrets of --agent-pull-secret/);
  t.match(examine({ image: "team/agent:1" }), /from docker\.io/);
  t.match(examine({ image: "localhost:5000/agent" }), /from localhost:5000/);
});

void t.test("one that is never pulled and not there is a warning, where that can be seen", async (t) => {
  t.match(examine({ there: ["other"], policy: "Never" }), /^warning image/);
  t.match(examine({ policy: "Never" }), /^note image/);
});
