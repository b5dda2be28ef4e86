import t from "tap";
import { KubernetesApi, whoAmI } from "../../../src/kubernetes/index.ts";
import { openStage } from "./stage.ts";

const { signal } = new AbortController();

void t.test("the API server says who one is, where it can", async (t) => {
  await using stage = await openStage([]);
  t.same(await whoAmI(stage.api, signal), { name: "ada@shop.example", isCertain: true });
});

void t.test("else credentials do: a service account's token, or nobody's name at all", async (t) => {
  await using stage = await openStage([]);
  stage.cluster.tellsWho = false;
  t.same(await whoAmI(stage.api, signal), { name: "REPLACE-WITH-THE-USER-NAME", isCertain: false });
  const claims = Buffer.from(JSON.stringify({ sub: "system:serviceaccount:tools:magpie" })).toString(
    "base64url",
  );
  const token = `x.${claims}.y`;
  stage.cluster.users = [{ name: "account", token, rules: [] }];
  using api = await KubernetesApi.open({ kubeconfig: await stage.cluster.kubeconfig() });
  t.same(await whoAmI(api, signal), { name: "system:serviceaccount:tools:magpie", isCertain: false });
});
