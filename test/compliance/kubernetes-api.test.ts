import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import t from "tap";
import { Certificates } from "../fixtures/certificates.ts";
import { FakeCluster, fakeServerName } from "../fixtures/kubernetes/fake-cluster.ts";
import { ownHost } from "../fixtures/kubernetes/pod-host.ts";
import { kubernetesContract } from "./kubernetes-api.ts";

/** The fake API server keeps the contract; that real ones keep the same is test/kubernetes/contract.scene.ts. */
const echo = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => undefined);
  socket.pipe(socket);
}).listen(0, "127.0.0.1");
await once(echo, "listening");
t.teardown(() => echo.close());
const { port } = echo.address() as AddressInfo; // It listens on TCP.

/** Nobody listens on port 7008 of this machine, nor is anything else meant. */
const host = ownHost({ 7007: port });

for (const protocol of ["v5.channel.k8s.io", "v4.channel.k8s.io"]) {
  void t.test(`the fake API server keeps the contract with ${protocol}, over HTTP`, async (t) => {
    await using cluster = await FakeCluster.open({ host, execProtocols: [protocol] });
    const kubeconfig = await cluster.kubeconfig();
    await kubernetesContract(t, { kubeconfig, image: "node", readyTimeoutMs: 5_000 });
  });
}

void t.test("the fake API server keeps the contract over HTTPS", async (t) => {
  await using certificates = await Certificates.create();
  const tls = { server: await certificates.issue(fakeServerName), ca: certificates.ca };
  await using cluster = await FakeCluster.open({ host, tls });
  await kubernetesContract(t, {
    kubeconfig: await cluster.kubeconfig(),
    image: "node",
    readyTimeoutMs: 5_000,
  });
});
