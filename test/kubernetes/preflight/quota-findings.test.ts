import t from "tap";
import { quotaFindings, type ResourceQuota } from "../../../src/kubernetes/preflight/quota-findings.ts";
import { levelLines } from "./level-lines.ts";

const full: ResourceQuota = {
  metadata: { name: "few" },
  status: { hard: { pods: "10" }, used: { pods: "10" } },
};
const cpu: ResourceQuota = { metadata: { name: "cpu" }, status: { hard: { "requests.cpu": "4" }, used: {} } };

function examine(
  quotas: readonly ResourceQuota[],
  form: "auto" | "ephemeral" | "pod",
  defaults = false,
): string {
  const limits = [{ type: "Container", default: { cpu: "1" } }];
  const limitRanges = { value: defaults ? [{ metadata: { name: "l" }, spec: { limits } }] : [] };
  return levelLines(quotaFindings({ namespace: "shop", form, quotas: { value: quotas }, limitRanges }));
}

void t.test("a quota that is used up matters to an agent that is a pod, and to no other", async (t) => {
  t.match(examine([full], "ephemeral"), /^ok quota/);
  t.match(examine([full], "pod"), /^blocker quota: .*few \(pods 10\)/);
  t.match(examine([full], "auto"), /^note quota/);
});

void t.test("where CPU or memory counts, a pod must say what it asks for", async (t) => {
  t.match(examine([cpu], "pod"), /^warning quota-resources/);
  t.match(examine([cpu], "pod", true), /^ok quota/, "unless a limit range says it");
  t.match(examine([cpu], "ephemeral"), /^ok quota/);
  t.equal(examine([], "pod"), "");
});

void t.test("quotas that may not be seen are a note for who makes a pod", async (t) => {
  const unseen = { unseen: "forbidden", because: "ada may not list resourcequotas" } as const;
  const of = (form: "ephemeral" | "pod") =>
    levelLines(quotaFindings({ namespace: "shop", form, quotas: unseen, limitRanges: unseen }));
  t.match(of("pod"), /^note quota-unseen/);
  t.equal(of("ephemeral"), "");
});
