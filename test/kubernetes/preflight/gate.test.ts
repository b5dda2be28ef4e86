import t from "tap";
import { KubernetesError, passPreflight } from "../../../src/kubernetes/index.ts";
import { ApiStatus } from "../../fixtures/kubernetes/api-status.ts";
import { everyRight, openStage } from "./stage.ts";

const { signal } = new AbortController();

void t.test("blockers end it before anything is made, with the right that is missing", async (t) => {
  await using stage = await openStage(everyRight.filter(({ resources }) => !resources.includes("pods/exec")));
  const options = { onWarning: () => undefined, signal };
  const error: unknown = await passPreflight(stage.api, stage.request, options).catch(
    (error: unknown) => error,
  );
  t.ok(error instanceof KubernetesError);
  t.match(error, {
    code: "forbidden",
    message: /^you may not create pods\/exec in namespace shop: it is needed to be admitted/,
    missing: { verb: "create", resource: "pods", subresource: "exec", namespace: "shop" },
    hint: /magpie doctor --rbac/,
  });
  const denied = () => Promise.reject(new KubernetesError("denied", "the cluster's policy says no"));
  await using allowed = await openStage("all");
  await t.rejects(passPreflight(allowed.api, { ...allowed.request, trial: denied }, options), {
    code: "denied",
    message: /the cluster's policy says no/,
  });
});

void t.test("warnings are told once, and it goes on", async (t) => {
  await using stage = await openStage("all");
  const warnings: string[] = [];
  const trial = ({ form }: { form: string }) =>
    form === "pod" ? Promise.resolve() : Promise.reject(new KubernetesError("denied", "not so"));
  const features = { ...stage.request.features, form: "auto" as const };
  await passPreflight(
    stage.api,
    { ...stage.request, features, trial },
    {
      onWarning: (message) => void warnings.push(message),
      signal,
    },
  );
  t.equal(warnings.length, 1);
  t.match(warnings[0], /will be a privileged pod/);
});

void t.test("it is quick: all questions are asked at once", async (t) => {
  await using stage = await openStage("all");
  let underWay = 0;
  let most = 0;
  const before = stage.cluster.intercept;
  t.equal(before, undefined);
  const review = stage.api.reviewAccess.bind(stage.api);
  stage.api.reviewAccess = async (...asked) => {
    most = Math.max(most, ++underWay);
    const answer = await review(...asked);
    underWay--;
    return answer;
  };
  await passPreflight(stage.api, stage.request, { onWarning: () => undefined, signal });
  t.equal(most, 9);
});

void t.test("that it could not be carried out keeps nobody from trying", async () => {
  await using stage = await openStage("all");
  stage.cluster.intercept = () => new ApiStatus(401, "Unauthorized", "Unauthorized");
  await passPreflight(stage.api, stage.request, { onWarning: () => undefined, signal });
});
