import t from "tap";
import { kubernetesContract } from "../compliance/kubernetes-api.ts";
import { Cluster } from "./cluster/cluster.ts";

void t.test("a real cluster keeps the contract that the fake API server keeps", async (t) => {
  await using cluster = await Cluster.start();
  const { kubeconfig, exampleImage: image } = cluster;
  await kubernetesContract(t, { kubeconfig, image, readyTimeoutMs: 60_000 });
});
