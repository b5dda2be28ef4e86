import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentImage, exampleImage, pauseImage } from "../images/images.ts";
import { type CommandOptions, type CommandOutput, runCommand, tryCommand } from "../run-command.ts";
import { kubernetesBinaries } from "./binaries.ts";
import { Node } from "./node.ts";
import { type ImageArchive, importImages, startNode } from "./start-node.ts";
import { TestNamespace } from "./test-namespace.ts";

/**
 * Where a cluster is, as environment variables. Whoever brings a cluster sets the first, and loads the images that
 * `npm run test:kubernetes` names with what `MAGPIE_TEST_LOAD` says (`kind load image-archive`), or pushes them and sets the other two.
 */
export interface ClusterEnvironment {
  readonly MAGPIE_TEST_KUBECONFIG: string;
  readonly MAGPIE_TEST_AGENT_IMAGE: string;
  readonly MAGPIE_TEST_EXAMPLE_IMAGE: string;
  /** The node's folder, where it is one of ours: its processes can be killed. */
  readonly MAGPIE_TEST_NODE?: string;
}

/**
 * A real Kubernetes cluster for tests: one that the environment names, else one that is started on this machine, which takes a
 * quarter of a minute. `await using` ends what was started. Needs kubectl, and root where it starts one.
 */
export class Cluster implements AsyncDisposable {
  /** May do everything. */
  readonly kubeconfig: string;
  readonly agentImage: string;
  readonly exampleImage: string;
  /** Undefined in a cluster that somebody brought. */
  readonly node: Node | undefined;
  readonly #folder: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(environment: ClusterEnvironment, stack: AsyncDisposableStack, node?: Node) {
    this.kubeconfig = environment.MAGPIE_TEST_KUBECONFIG;
    this.agentImage = environment.MAGPIE_TEST_AGENT_IMAGE;
    this.exampleImage = environment.MAGPIE_TEST_EXAMPLE_IMAGE;
    this.node = node;
    this.#folder = mkdtempSync(join(tmpdir(), "magpie-kubectl-"));
    stack.defer(() => rmSync(this.#folder, { recursive: true, force: true }));
    this.#stack = stack;
  }

  /** @throws Error that says what can be done when there is no cluster and none can be started */
  static async start({ say = () => undefined }: { say?: (line: string) => void } = {}): Promise<Cluster> {
    await using stack = new AsyncDisposableStack();
    const given = process.env["MAGPIE_TEST_KUBECONFIG"];
    const folder = process.env["MAGPIE_TEST_NODE"];
    const images = {
      agent: process.env["MAGPIE_TEST_AGENT_IMAGE"],
      example: process.env["MAGPIE_TEST_EXAMPLE_IMAGE"],
    };
    if (given && images.agent && images.example) {
      const node = folder ? Node.join(folder) : undefined;
      return new Cluster(environmentOf(given, images.agent, images.example), stack.move(), node);
    }
    if (given) {
      const archives = [await agentImage(say), await exampleImage(say)] as const;
      await load(archives);
      return new Cluster(environmentOf(given, archives[0].name, archives[1].name), stack.move());
    }
    // What takes minutes where nothing is cached is made at the same time.
    const programs = kubernetesBinaries(say);
    programs.catch(() => undefined);
    const agent = await agentImage(say);
    const example = await exampleImage(say);
    const pause = await pauseImage(say);
    const binaries = await programs;
    const node = stack.use(await startNode({ binaries, pause, images: [agent, example], say }));
    const kubeconfig = join(node.place.folder, "admin.kubeconfig");
    return new Cluster(environmentOf(kubeconfig, agent.name, example.name), stack.move(), node);
  }

  /** What tells another process of this cluster. */
  get environment(): ClusterEnvironment {
    const about = environmentOf(this.kubeconfig, this.agentImage, this.exampleImage);
    return this.node === undefined ? about : { ...about, MAGPIE_TEST_NODE: this.node.place.folder };
  }

  /** Runs kubectl to its end. @throws Error with what it said when it fails */
  kubectl(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return runCommand(this.kubectlCommand(args), options);
  }

  /** The same, with a failure as a value. */
  tryKubectl(args: readonly string[], options: CommandOptions = {}): Promise<CommandOutput> {
    return tryCommand(this.kubectlCommand(args), options);
  }

  /** For processes that are to run for a while. */
  kubectlCommand(args: readonly string[]): [string, ...string[]] {
    return ["kubectl", `--kubeconfig=${this.kubeconfig}`, `--cache-dir=${this.#folder}/cache`, ...args];
  }

  /** A namespace of its own for a test; `await using` deletes it. */
  async namespace(label: string): Promise<TestNamespace> {
    return await TestNamespace.create(this, label);
  }

  /** Writes a kubeconfig that differs from the administrator's in its user and namespace, and gives its path. */
  async writeKubeconfig(name: string, user: object, namespace: string): Promise<string> {
    const text = await this.kubectl(["config", "view", "--raw", "--minify", "--flatten", "--output=json"]);
    // kubectl printed it.
    const config = JSON.parse(text) as { clusters: [{ name: string }]; contexts: object[]; users: object[] };
    const cluster = config.clusters[0].name;
    const file = join(this.#folder, `${name}.kubeconfig`);
    const contexts = [{ name, context: { cluster, user: name, namespace } }];
    const users = [{ name, user }];
    writeFileSync(file, JSON.stringify({ ...config, contexts, users, "current-context": name }), {
      mode: 0o600,
    });
    return file;
  }

  /** Imports one more image. Only where the node is ours. */
  async load(image: ImageArchive): Promise<void> {
    if (this.node === undefined) return load([image]);
    await importImages(this.node, [image]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function environmentOf(kubeconfig: string, agent: string, example: string): ClusterEnvironment {
  return {
    MAGPIE_TEST_KUBECONFIG: kubeconfig,
    MAGPIE_TEST_AGENT_IMAGE: agent,
    MAGPIE_TEST_EXAMPLE_IMAGE: example,
  };
}

/** Into a cluster that somebody brought, by the command that they name. */
async function load(images: readonly ImageArchive[]): Promise<void> {
  const command = process.env["MAGPIE_TEST_LOAD"];
  if (!command)
    throw new Error(
      [
        "MAGPIE_TEST_KUBECONFIG names a cluster, which needs these images:",
        ...images.map(({ name, file }) => `  ${name} in ${file}`),
        'Say how they get there, MAGPIE_TEST_LOAD="kind load image-archive", or set MAGPIE_TEST_AGENT_IMAGE and',
        "MAGPIE_TEST_EXAMPLE_IMAGE to names under which the cluster can pull them.",
      ].join("\n"),
    );
  for (const { file } of images) await runCommand(["sh", "-c", `${command} "$1"`, "sh", file]);
}
