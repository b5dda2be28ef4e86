import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import { KubernetesApi, KubernetesError, type Pod, resources } from "../../src/kubernetes/index.ts";

/** Where the contract is to be kept: a cluster, and an image that is there already or can be pulled. */
export interface ContractGround {
  /** Of somebody who may do everything. */
  readonly kubeconfig: string;
  /** With `sh`, `cat` and `node`. */
  readonly image: string;
  /** How long a pod may take to be ready. */
  readonly readyTimeoutMs: number;
}

/** Echoes what it hears on 127.0.0.1:7007, and counts what it cannot send. */
const echo = "require('net').createServer({allowHalfOpen:true},s=>s.pipe(s)).listen(7007,'127.0.0.1')";

/**
 * What Magpie needs of a Kubernetes API server and its kubelets, as laws. The fake API server and real ones keep the same.
 * Everything is done in a namespace of its own, which is deleted at the end.
 */
export async function kubernetesContract(t: Test, ground: ContractGround): Promise<void> {
  const namespace = `magpie-contract-${randomBytes(4).toString("hex")}`;
  using api = await KubernetesApi.open({ kubeconfig: ground.kubeconfig, namespace });
  await api.create(resources.namespaces, { metadata: { name: namespace } });
  try {
    const startVersion = (await api.list(resources.pods, { namespace })).resourceVersion;
    const pod = await startPod(api, { ...ground, namespace, name: "echo" });

    await t.test("a pod is read as it was made, with what the cluster adds", async (t) => {
      t.equal(pod.metadata.namespace, namespace);
      t.ok(pod.metadata.uid);
      t.ok(pod.metadata.resourceVersion);
      t.ok(pod.metadata.creationTimestamp);
      t.equal(pod.status?.phase, "Running");
      t.ok(pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"));
      t.ok(pod.status?.containerStatuses?.find(({ name }) => name === "app")?.state?.running);
    });

    await t.test("what is not there is not found, and named as it was asked for", async (t) => {
      await t.rejects(api.get(resources.pods, { namespace, name: "nobody" }), {
        code: "not-found",
        status: 404,
        sought: "nobody",
        message: 'pods "nobody" not found',
      });
      await t.rejects(api.get(resources.deployments, { namespace, name: "nobody" }), {
        code: "not-found",
        message: 'deployments.apps "nobody" not found',
      });
      const unknown = {
        group: "nobody.example",
        version: "v1",
        plural: "things",
        kind: "Thing",
        namespaced: true,
      };
      await t.rejects(api.list(unknown, { namespace }), { code: "not-found", status: 404 });
    });

    await t.test("a name that is taken is a conflict", async (t) => {
      await t.rejects(api.create(resources.namespaces, { metadata: { name: namespace } }), {
        code: "conflict",
        message: `namespaces "${namespace}" already exists`,
      });
    });

    await t.test("what does not fit the kind is invalid, and nothing is made", async (t) => {
      const broken = { metadata: { name: "broken" }, spec: { containers: [] } };
      await t.rejects(api.create<Pod>(resources.pods, broken, { namespace }), {
        code: "invalid",
        status: 422,
      });
      await t.rejects(api.get(resources.pods, { namespace, name: "broken" }), { code: "not-found" });
    });

    await t.test("a dry run answers as if it had been done", async (t) => {
      const made = await api.create(resources.services, serviceNamed("dry"), { namespace, dryRun: true });
      t.equal(made.metadata.name, "dry");
      await t.rejects(api.get(resources.services, { namespace, name: "dry" }), { code: "not-found" });
    });

    await t.test("a list in pages has everything once, by labels too", async (t) => {
      const names = Array.from({ length: 7 }, (_, index) => `service-${index}`);
      for (const name of names) await api.create(resources.services, serviceNamed(name), { namespace });
      const pages = [];
      for await (const page of api.pages(resources.services, {
        namespace,
        limit: 3,
        labelSelector: "contract=yes",
      }))
        pages.push(page.items.map(({ metadata }) => metadata.name));
      t.same(
        pages.map(({ length }) => length),
        [3, 3, 1],
      );
      t.same(pages.flat(), names);
      t.same(
        (await api.list(resources.services, { namespace, labelSelector: "contract in (no)" })).items,
        [],
      );
      const one = await api.list(resources.services, { namespace, fieldSelector: "metadata.name=service-3" });
      t.same(
        one.items.map(({ metadata }) => metadata.name),
        ["service-3"],
      );
    });

    await t.test("deleting twice is no mistake", async (t) => {
      await api.delete(resources.services, { namespace, name: "service-0" });
      await t.rejects(api.get(resources.services, { namespace, name: "service-0" }), { code: "not-found" });
      await t.resolves(api.delete(resources.services, { namespace, name: "service-0" }));
    });

    await t.test("a watch tells what has happened since a version, and goes on", async (t) => {
      const signal = AbortSignal.timeout(20_000);
      const seen: string[] = [];
      for await (const event of api.watch<Pod>(resources.pods, {
        namespace,
        resourceVersion: startVersion,
        signal,
      })) {
        if (event.type === "BOOKMARK") continue;
        const label = event.object.metadata.labels?.["told"];
        if (seen.length === 0) await api.patch(resources.pods, { namespace, name: "echo" }, told("now"));
        seen.push(`${event.type} ${event.object.metadata.name}`);
        if (label === "now") break;
      }
      t.equal(seen[0], "ADDED echo");
      t.equal(seen.at(-1), "MODIFIED echo");
    });

    await t.test("an object that leaves a watch's labels is deleted to it", async (t) => {
      const signal = AbortSignal.timeout(20_000);
      const { resourceVersion } = await api.list(resources.pods, { namespace });
      const selected = { namespace, resourceVersion, signal, labelSelector: "told=later" };
      const seen: string[] = [];
      const change = async (value: string) =>
        await api.patch(resources.pods, { namespace, name: "echo" }, told(value));
      await change("later");
      for await (const { type } of api.watch<Pod>(resources.pods, selected)) {
        if (type === "BOOKMARK") continue;
        seen.push(type);
        if (type === "ADDED") await change("no more");
        if (type === "DELETED") break;
      }
      t.equal(seen[0], "ADDED");
      t.equal(seen.at(-1), "DELETED");
    });

    await t.test("a watch ends in good order when its time is over", async (t) => {
      const { resourceVersion } = await api.list(resources.pods, { namespace });
      const began = Date.now();
      for await (const _ of api.watch(resources.pods, { namespace, resourceVersion, seconds: 1 }));
      t.ok(Date.now() - began < 15_000);
    });

    await t.test("an aborted watch rejects with the signal's reason", async (t) => {
      const stop = new AbortController();
      const { resourceVersion } = await api.list(resources.pods, { namespace });
      const watched = (async () => {
        for await (const _ of api.watch(resources.pods, { namespace, resourceVersion, signal: stop.signal }));
      })();
      stop.abort(new Error("enough"));
      await t.rejects(watched, { message: "enough" });
    });

    await t.test("an access review says whether we may", async (t) => {
      const exec = { verb: "create", group: "", resource: "pods", subresource: "exec", namespace };
      t.match(await api.reviewAccess(exec), { allowed: true });
    });

    await t.test("a program's output, error output and exit code come back", async (t) => {
      const command = ["sh", "-c", "echo out; echo err >&2; exit 7"];
      t.same(await api.execToEnd({ namespace, pod: "echo", container: "app", command }), {
        exitCode: 7,
        stdout: "out\n",
        stderr: "err\n",
      });
      const quiet = await api.execToEnd({ namespace, pod: "echo", container: "app", command: ["true"] });
      t.equal(quiet.exitCode, 0);
    });

    await t.test("a megabyte of output comes whole and in order", async (t) => {
      const command = ["sh", "-c", "seq 1 150000"];
      const { stdout } = await api.execToEnd({ namespace, pod: "echo", container: "app", command });
      t.equal(stdout.length, 938_895);
      t.ok(stdout.endsWith("\n150000\n"));
    });

    await t.test("a program reads what it is given", async (t) => {
      const command = ["sh", "-c", "read line; echo got $line"];
      const { stdout } = await api.execToEnd({
        namespace,
        pod: "echo",
        container: "app",
        command,
        input: "this\n",
      });
      t.equal(stdout, "got this\n");
    });

    await t.test("a program that is not there is a failure, and no exit code of it", async (t) => {
      const command = ["/nobody/here"];
      const outcome = await api.execToEnd({ namespace, pod: "echo", container: "app", command }).then(
        // runc says 127 or 128 where containerd passes its error on as the program's.
        ({ exitCode }) => (exitCode >= 126 ? "failed" : `ended with ${exitCode}`),
        (error: unknown) => (error instanceof KubernetesError ? error.code : String(error)),
      );
      t.equal(outcome, "failed");
    });

    await t.test("exec in what is not there says what is not there", async (t) => {
      const command = ["true"];
      await t.rejects(api.execToEnd({ namespace, pod: "nobody", container: "app", command }), {
        code: "not-found",
        message: /pods "nobody" not found/,
      });
      await t.rejects(api.execToEnd({ namespace, pod: "echo", container: "nobody", command }), {
        code: "invalid",
        message: /container nobody is not valid for pod echo/,
      });
    });

    await t.test("exec by an aborted signal rejects with its reason, and leaves nothing open", async (t) => {
      const stop = new AbortController();
      const command = ["sh", "-c", "echo begun; sleep 60"];
      using process = await api.exec({
        namespace,
        pod: "echo",
        container: "app",
        command,
        signal: stop.signal,
      });
      await once(process.stdout, "data");
      stop.abort(new Error("enough"));
      await t.rejects(process.exitCode, { message: "enough" });
    });

    await t.test("a forwarded port carries bytes both ways, unchanged", async (t) => {
      const stream = await api.portForward({ namespace, pod: "echo", port: 7007 });
      const sent = randomBytes(3 * 1024 * 1024);
      stream.write(sent);
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of stream) {
        // Nothing has set an encoding.
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (bytes >= sent.length) break;
      }
      t.ok(Buffer.concat(chunks).equals(sent));
    });

    await t.test("a port at which nobody listens is told as such", async (t) => {
      const stream = await api.portForward({ namespace, pod: "echo", port: 7008 });
      const [error] = (await once(stream.resume(), "error")) as [KubernetesError];
      t.match(error, { code: "failed", message: /^port 7008 of pod echo cannot be reached: .*refused/is });
    });

    await t.test("a reader who does not read holds the sender back", async (t) => {
      const stream = await api.portForward({ namespace, pod: "echo", port: 7007 });
      const chunk = Buffer.alloc(64 * 1024);
      let sent = 0;
      // The buffers on the way take some megabytes; then nothing moves until somebody reads.
      while (sent < 256 * 1024 * 1024) {
        const isTaken = await Promise.race([
          new Promise<true>((resolve) => {
            stream.write(chunk, () => resolve(true));
          }),
          sleep(1_500, false),
        ]);
        if (!isTaken) break;
        sent += chunk.length;
      }
      t.ok(sent < 256 * 1024 * 1024, `held back after ${sent} bytes`);
      stream.destroy();
    });

    await t.test("an ephemeral container joins, runs, and stays listed", async (t) => {
      const container = { name: "guest-1", image: ground.image, imagePullPolicy: "IfNotPresent" };
      const command = ["sh", "-c", "sleep 300"];
      const target = { namespace, name: "echo" };
      await api.addEphemeralContainer(target, { ...container, command }, { dryRun: true });
      await patiently(ground, () =>
        api.addEphemeralContainer(target, { ...container, command, targetContainerName: "app" }),
      );
      const second = { ...container, name: "guest-2", command };
      const made = await patiently(ground, () => api.addEphemeralContainer(target, second));
      t.same(
        made.spec.ephemeralContainers?.map(({ name }) => name),
        ["guest-2", "guest-1"],
        "the new one in front",
      );
      const running = await waitFor(
        api,
        { namespace, name: "echo", timeoutMs: ground.readyTimeoutMs },
        (pod) =>
          pod.status?.ephemeralContainerStatuses?.some(
            ({ name, state }) => name === "guest-1" && state?.running,
          ),
      );
      t.equal(running.spec.containers.length, 1);
      const echo = { namespace, pod: "echo", container: "guest-1", command: ["echo", "in"] };
      t.equal(await patiently(ground, () => outputOf(api, echo)), "in\n");
    });

    await t.test("an ephemeral container that cannot be is refused, and changes nothing", async (t) => {
      const target = { namespace, name: "echo" };
      const image = ground.image;
      const refused: [object: Parameters<KubernetesApi["addEphemeralContainer"]>[1], message: RegExp][] = [
        [{ name: "app", image }, /spec\.ephemeralContainers\[0\]\.name: Duplicate value: "app"/],
        [
          { name: "guest-1", image, command: ["other"] },
          /existing ephemeral containers.* may not be changed/,
        ],
        [
          { name: "guest-3", image, targetContainerName: "nobody" },
          /targetContainerName: Not found: "nobody"/,
        ],
        [{ name: "guest-3" }, /image: Required value/],
        [{ name: "Guest", image }, /name: Invalid value: "Guest"/],
        [{ name: "guest-3", image, ports: [{ containerPort: 1 }] }, /ports: Forbidden: cannot be set/],
        [
          { name: "guest-3", image, resources: { limits: { cpu: "1" } } },
          /resources: Forbidden: cannot be set/,
        ],
      ];
      for (const [container, message] of refused)
        await t.rejects(api.addEphemeralContainer(target, container), {
          code: "invalid",
          status: 422,
          message,
        });
      const pod = await api.get<Pod>(resources.pods, target);
      t.equal(pod.spec.ephemeralContainers?.length, 2);
    });

    await t.test("a container's log is what it has written", async (t) => {
      const stream = await api.logs({ namespace, pod: "echo", container: "app" }, { tailLines: 5 });
      let text = "";
      for await (const chunk of stream.setEncoding("utf8")) text += String(chunk);
      t.type(text, "string");
    });

    await t.test("credentials that nobody knows are told from a right that is missing", async (t) => {
      const { cluster } = api;
      const user = {
        ...cluster.user,
        certFile: undefined,
        certData: undefined,
        keyFile: undefined,
        keyData: undefined,
      };
      using stranger = new KubernetesApi({
        ...cluster,
        user: { ...user, exec: undefined, token: "nobody's" },
      });
      await t.rejects(stranger.list(resources.pods, { namespace }), { code: "unauthorized", status: 401 });
      const exec = { namespace, pod: "echo", container: "app", command: ["true"] };
      await t.rejects(stranger.execToEnd(exec), { code: "unauthorized", status: 401 });
    });
  } finally {
    await api.delete(resources.namespaces, { name: namespace });
  }
}

async function startPod(
  api: KubernetesApi,
  about: ContractGround & { namespace: string; name: string },
): Promise<Pod> {
  const { namespace, name, image, readyTimeoutMs } = about;
  const container = { name: "app", image, imagePullPolicy: "IfNotPresent", command: ["node", "-e", echo] };
  const pod = {
    metadata: { name, labels: { app: "echo" } },
    spec: { containers: [container], terminationGracePeriodSeconds: 0, automountServiceAccountToken: false },
  };
  await createWhenAllowed(api, pod, namespace);
  return await waitFor(api, { namespace, name, timeoutMs: readyTimeoutMs }, ({ status }) =>
    status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
  );
}

/** A new namespace has no service account in its first moments, and without one no pod is taken. */
async function createWhenAllowed(api: KubernetesApi, pod: Pod, namespace: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await api.create(resources.pods, pod, { namespace });
      return;
    } catch (error) {
      const isEarly = error instanceof KubernetesError && error.code === "denied" && attempt < 40;
      if (!isEarly) throw error;
      await sleep(250);
    }
  }
}

/** A container that is said to run may not take programs yet: containerd then knows none of that id. */
async function outputOf(
  api: KubernetesApi,
  options: Parameters<KubernetesApi["execToEnd"]>[0],
): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await api.execToEnd(options)).stdout;
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.code !== "failed" || attempt === 20) throw error;
      await sleep(250);
    }
  }
}

async function waitFor(
  api: KubernetesApi,
  about: { namespace: string; name: string; timeoutMs: number },
  isSo: (pod: Pod) => unknown,
): Promise<Pod> {
  const { namespace, name, timeoutMs } = about;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const pod = await api.get<Pod>(resources.pods, { namespace, name });
    if (isSo(pod)) return pod;
    if (Date.now() > deadline)
      throw new Error(`pod ${name} is not as expected: ${JSON.stringify(pod.status)}`);
    await sleep(100);
  }
}

function told(value: string): object {
  return { metadata: { labels: { told: value.replaceAll(" ", "-") } } };
}

function serviceNamed(name: string) {
  return {
    metadata: { name, labels: { contract: "yes" } },
    spec: { selector: { app: "echo" }, ports: [{ port: 80, targetPort: 7007 }] },
  };
}

/**
 * Does something again while a kubelet is still at it: it writes the pod's status between our reading and writing (409), and says
 * that a container runs a moment before it lets anybody in (500).
 */
async function patiently<Result>(
  { readyTimeoutMs }: { readonly readyTimeoutMs: number },
  action: () => Promise<Result>,
): Promise<Result> {
  const untilMs = performance.now() + readyTimeoutMs;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const isPassing =
        error instanceof KubernetesError &&
        (error.code === "conflict" || /container not (?:found|created)/.test(error.message));
      if (!isPassing || performance.now() > untilMs) throw error;
      await sleep(200);
    }
  }
}
