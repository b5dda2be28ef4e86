import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../cache-folder.ts";
import type { ImageArchive } from "../cluster/start-node.ts";
import { leashed, runCommand } from "../run-command.ts";
import { hasImage, podman } from "./podman.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const example = join(repository, "examples/kubernetes/app");
const baseScript = fileURLToPath(new URL("base-image.sh", import.meta.url));
/** The base that both Dockerfiles name. */
const baseName = "docker.io/library/node:26-slim";
const buildTimeoutMs = 15 * 60_000;

type Say = (line: string) => void;

/** The agent's image, built from the project's Dockerfile, as it is in this checkout. Tagged by what it is made of. */
export async function agentImage(say: Say): Promise<ImageArchive> {
  const files = [
    "Dockerfile",
    ".dockerignore",
    "package.json",
    "package-lock.json",
    "bundle.mjs",
    "image",
    "iptables",
    "src",
  ];
  const parts = files
    .map((file) => join(repository, file))
    .flatMap(filesIn)
    .filter((file) => !/\/src\/(?:client|kubernetes)\/|\/node_modules\/|\.test\.ts$/.test(file));
  const name = `localhost/magpie-agent:${hashOf(parts)}`;
  return await archived(name, say, () => build({ name, folder: repository, say }));
}

/** The app of examples/kubernetes. */
export async function exampleImage(say: Say): Promise<ImageArchive> {
  const name = `localhost/magpie-example:${hashOf(filesIn(example))}`;
  return await archived(name, say, () => build({ name, folder: example, say }));
}

/** What holds a pod's namespaces: one program that waits. */
export async function pauseImage(say: Say): Promise<ImageArchive> {
  const name = "localhost/magpie-pause:1";
  return await archived(name, say, async () => {
    const folder = mkdtempSync(join(tmpdir(), "magpie-pause-"));
    try {
      const layer = join(folder, "layer.tar");
      await runCommand(["tar", "--directory=/usr/bin", "--create", `--file=${layer}`, "catatonit"]);
      await podman(["import", "--change", 'ENTRYPOINT ["/catatonit","-P"]', layer, name]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** Builds a Dockerfile with nothing but what is on this machine; apt may reach its mirrors. */
async function build({ name, folder, say }: { name: string; folder: string; say: Say }): Promise<void> {
  await baseImage(say);
  say(`building ${name}`);
  const options = ["--pull=never", "--network=host", "--layers", "--timestamp=0"];
  // Packages of the checkout are those of the lockfile here: setup.mjs compares them.
  await podman(["build", ...options, "--build-arg=PACKAGES_FROM=checkout", `--tag=${name}`, folder], {
    timeoutMs: buildTimeoutMs,
  });
}

/** Makes the base once, unless there is one already: who has the real one in this store builds on that. */
async function baseImage(say: Say): Promise<void> {
  if (await hasImage(baseName)) return;
  say(`making ${baseName} by debootstrap, once: about a minute`);
  const folder = mkdtempSync(join(tmpdir(), "magpie-base-"));
  try {
    const root = join(folder, "root");
    const layer = join(folder, "layer.tar");
    await runCommand(leashed([baseScript, root, process.execPath]), { timeoutMs: buildTimeoutMs });
    await runCommand(["tar", `--directory=${root}`, "--create", `--file=${layer}`, "."]);
    const path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    await podman(["import", "--change", 'CMD ["node"]', "--change", path, layer, baseName]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An archive of an image, made where the cache has none. Those of older sources are removed from it. */
async function archived(name: string, say: Say, make: () => Promise<void>): Promise<ImageArchive> {
  if (!(await hasImage(name))) await make();
  const archives = cacheFolder("archives");
  const [kind = "", tag = ""] = name.replace("localhost/", "").split(":");
  const file = join(archives, `${kind}-${tag}.tar`);
  if (existsSync(file)) return { name, file };
  say(`saving ${name}`);
  const unfinished = `${file}.${process.pid}`;
  await podman(["save", "--quiet", `--output=${unfinished}`, name]);
  for (const other of readdirSync(archives)) {
    const before = new RegExp(`^${kind}-([0-9a-f]{12})\\.tar$`).exec(other)?.[1];
    if (before === undefined) continue;
    rmSync(join(archives, other), { force: true });
    await podman(["rmi", "--force", "--ignore", `localhost/${kind}:${before}`]);
  }
  renameSync(unfinished, file);
  return { name, file };
}

function filesIn(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((file) => join(path, file))
    .filter((file) => statSync(file).isFile());
}

/** Twelve digits that differ when a name or a content does. */
function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files.toSorted())
    hash
      .update(`${file.slice(repository.length)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex").slice(0, 12);
}
