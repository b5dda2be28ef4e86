import t from "tap";
import { KubernetesApi } from "../../src/kubernetes/index.ts";
import { until } from "../fixtures/until.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { TestNamespace } from "./cluster/test-namespace.ts";

const auto = ["--runtime-dir", "auto"];
const least = { capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } };

/** Adds the agent by hand, as an ephemeral container of the first pod of web, and gives the pod's name. */
async function addAgent(
  options: { cluster: Cluster; namespace: TestNamespace; name: string; firstClientMs?: number },
  securityContext: object,
): Promise<string> {
  // Long enough for a machine that is busy to ask all that is asked.
  const { cluster, namespace, name, firstClientMs = 600_000 } = options;
  const [pod] = await namespace.pods("app=web");
  if (pod === undefined) throw new Error("web has no pod");
  const container = {
    name,
    image: cluster.agentImage,
    imagePullPolicy: "IfNotPresent",
    targetContainerName: "web",
    args: ["run", ...auto, "--log", "stdout", "--first-client-ms", String(firstClientMs)],
    securityContext,
  };
  // Not by kubectl: it can change a subresource from 1.24 on only.
  using api = await KubernetesApi.open({ kubeconfig: cluster.kubeconfig, namespace: namespace.name });
  await api.addEphemeralContainer({ namespace: namespace.name, name: pod.metadata.name }, container);
  let said = "";
  const hasSpoken = async (): Promise<boolean> =>
    /"event":"(?:ready|failed)"/.test((said = await logOf(namespace, pod.metadata.name, name)));
  await until(hasSpoken, { what: `the agent ${name} to say something`, timeoutMs: 120_000 }).catch(
    async (error: unknown) => {
      const [{ status } = pod] = await namespace.pods("app=web");
      const states = JSON.stringify(status.ephemeralContainerStatuses);
      throw new Error(`${String(error)}; it is ${states}, and said: ${said}`, { cause: error });
    },
  );
  return pod.metadata.name;
}

async function logOf(namespace: TestNamespace, pod: string, container: string): Promise<string> {
  return await namespace.kubectl("logs", pod, "-c", container).catch(() => "");
}

void t.test("the agent in a pod", async (t) => {
  await using cluster = await Cluster.start();
  await using namespace = await cluster.namespace("agent");
  await namespace.apply(webAlone(cluster.exampleImage));
  await namespace.rolledOut("deployment/web");

  const ways: [string, string, object][] = [
    ["as the image's own user, who is not root", "own-user", least],
    [
      "as root with nothing but NET_ADMIN and no way to more",
      "root",
      { ...least, runAsUser: 0, runAsNonRoot: false, allowPrivilegeEscalation: false },
    ],
    ["with a root file system that is read-only", "read-only", { ...least, readOnlyRootFilesystem: true }],
  ];
  for (const [how, name, securityContext] of ways)
    await t.test(`runs ${how}, and gives tickets by exec`, async (t) => {
      const pod = await addAgent({ cluster, namespace, name }, securityContext);
      t.match(await logOf(namespace, pod, name), /"event":"ready"/);
      t.match(await logOf(namespace, pod, name), /"backend":"tproxy"/);
      const ticket = await namespace.kubectl(
        "exec",
        pod,
        "-c",
        name,
        "--",
        "magpie-agent",
        "ticket",
        ...auto,
      );
      t.match(JSON.parse(ticket), { ticket: /^[\w-]{43}$/, port: Number, pid: Number });
      await namespace.kubectl("exec", pod, "-c", name, "--", "magpie-agent", "health", ...auto);
      t.notMatch(await logOf(namespace, pod, name), (JSON.parse(ticket) as { ticket: string }).ticket);
      // The port is the pod's loopback's alone.
      const { port } = JSON.parse(ticket) as { port: number };
      const address = (await namespace.pods("app=web"))[0]?.status.podIP ?? "";
      const script = `require("net").connect(${port}, "${address}").on("connect", () => console.log("open")).on("error", (e) => console.log(e.code))`;
      t.equal(
        (await namespace.kubectl("exec", pod, "-c", "web", "--", "node", "-e", script)).trim(),
        "ECONNREFUSED",
      );
      await namespace.kubectl("exec", pod, "-c", name, "--", "magpie-agent", "end", ...auto);
      await ended(namespace, name, 0);
    });

  await t.test("it ends by itself when nobody joins it", async () => {
    await addAgent({ cluster, namespace, name: "lonely", firstClientMs: 100 }, least);
    await ended(namespace, "lonely", 0);
  });

  await t.test("without NET_ADMIN it ends, and says what it lacks", async (t) => {
    const pod = await addAgent({ cluster, namespace, name: "nothing" }, { capabilities: { drop: ["ALL"] } });
    t.match(await logOf(namespace, pod, "nothing"), /NET_ADMIN/);
    await ended(namespace, "nothing", 1);
  });

  await t.test("where file capabilities have no weight it says so", async (t) => {
    const restrained = { ...least, allowPrivilegeEscalation: false };
    const pod = await addAgent({ cluster, namespace, name: "restrained" }, restrained);
    t.match(await logOf(namespace, pod, "restrained"), /allowPrivilegeEscalation/);
    await ended(namespace, "restrained", 1);
  });

  const [pod] = await namespace.pods("app=web");
  t.same(
    pod?.status.containerStatuses?.map(({ restartCount }) => restartCount),
    [0],
    "the app was not restarted",
  );
});

/** Resolves when the agent's container has ended by itself. */
async function ended(namespace: TestNamespace, name: string, exitCode: number): Promise<void> {
  await until(
    async () => {
      const [pod] = await namespace.pods("app=web");
      const state = pod?.status.ephemeralContainerStatuses?.find((one) => one.name === name)?.state;
      return state?.terminated?.exitCode === exitCode;
    },
    { what: `${name} to end with ${exitCode}`, timeoutMs: 120_000 },
  );
}

/** A pod of user 1000 that needs nothing. */
function webAlone(image: string): object {
  const container = {
    name: "web",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["node", "log-shipper.ts"],
    securityContext: { runAsUser: 1000 },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { terminationGracePeriodSeconds: 1, containers: [container] },
      },
    },
  };
}
