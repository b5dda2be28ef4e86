/**
 * `node fetch-packages.mjs <sources> <folder> [package…]`: puts the npm packages that the agent imports into `<folder>/node_modules`,
 * or those that are named, for the platform this runs on, exactly as package-lock.json pins them.
 *
 * What `npm ci` would do for the whole of Magpie, for the agent alone: the client's packages stay out of the image, nobody keeps
 * a list by hand, and a base image needs no npm. No install script is run.
 *
 * PACKAGES_FROM says where they come from: `registry` is npm's own or NPM_CONFIG_REGISTRY, and what comes is compared with the
 * lockfile's hashes. `checkout` is the node_modules beside the sources, of which only versions can be compared. With `any`, a
 * registry that cannot be reached is replaced by the checkout, and that is said.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The registry was reached, and gave something else than was locked: nothing to go on after. */
class WrongContent extends Error {}

const [sources, folder, ...named] = process.argv.slice(2);
const registry = (process.env.NPM_CONFIG_REGISTRY || "https://registry.npmjs.org").replace(/\/+$/, "");
const from = process.env.PACKAGES_FROM || "any";
const { packages } = JSON.parse(readFileSync(join(sources, "package-lock.json"), "utf8"));

const wanted = new Map();
for (const name of named.length > 0 ? named : importedPackages()) add(name, "");
if (from === "checkout" || !(await fetchAll())) copyAll();
console.log(`${wanted.size} packages: ${[...wanted.values()].map(({ name, version }) => `${name} ${version}`).join(", ")}`);

/** Packages of the registry that the given sources import, by the text of their import statements. */
function importedPackages() {
  const names = new Set();
  for (const tree of ["src", "iptables/src"])
    for (const file of readdirSync(join(sources, tree), { recursive: true })) {
      if (!/\.(?:ts|js)$/.test(file)) continue;
      const text = readFileSync(join(sources, tree, file), "utf8");
      for (const [, name] of text.matchAll(/^(?:import|export|\}).*? from "((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^"]*)?";/gm))
        if (!packages[`node_modules/${name}`]?.link) names.add(name);
    }
  return names;
}

/** Adds a package, as seen from where it is needed, and all that it needs in turn. */
function add(name, from, { optional = false } = {}) {
  const path = resolvePath(name, from);
  if (path === undefined) {
    if (optional) return;
    throw new Error(`package-lock.json has no ${name}${from && `, which ${from} needs`}`);
  }
  const entry = packages[path];
  if (wanted.has(path) || (optional && !isForHere(entry))) return;
  wanted.set(path, { ...entry, name });
  for (const one of Object.keys(entry.dependencies ?? {})) add(one, path);
  for (const one of Object.keys(entry.optionalDependencies ?? {})) add(one, path, { optional: true });
}

/** Node's own rule: the nearest node_modules upwards that has it. */
function resolvePath(name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const path = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (packages[path]) return path;
    if (at === "") return undefined;
  }
}

function isForHere({ os = [process.platform], cpu = [process.arch], libc = ["glibc"] }) {
  return os.includes(process.platform) && cpu.includes(process.arch) && libc.includes("glibc");
}

/** Gives whether all have come. @throws Error when the registry gave something else, or cannot be reached and must be */
async function fetchAll() {
  try {
    for (const [path, entry] of [...wanted].toSorted(([one], [other]) => (one < other ? -1 : 1))) await fetchPackage(path, entry);
    return true;
  } catch (error) {
    const mayReplace = from === "any" && !(error instanceof WrongContent);
    if (!mayReplace || !existsSync(join(sources, "node_modules"))) throw error;
    const why = error.cause?.message ?? error.message;
    console.error(`WARNING: ${registry} gives nothing (${why}): packages come from the checkout's node_modules.`);
    console.error("         Their content is not compared with package-lock.json. To insist: --build-arg PACKAGES_FROM=registry");
    return false;
  }
}

function copyAll() {
  for (const [path, { name, version }] of wanted) {
    const found = JSON.parse(readFileSync(join(sources, path, "package.json"), "utf8"));
    if (found.version !== version) throw new Error(`the checkout has ${name} ${found.version}, package-lock.json ${version}: run npm ci`);
    const into = join(folder, path);
    cpSync(join(sources, path), into, { recursive: true });
    prune(into);
  }
}

async function fetchPackage(path, { name, version, integrity }) {
  const url = `${registry}/${name}/-/${name.slice(name.indexOf("/") + 1)}-${version}.tgz`;
  const archive = await download(url);
  const [algorithm] = integrity.split("-", 1);
  const found = `${algorithm}-${createHash(algorithm).update(archive).digest("base64")}`;
  if (found !== integrity) throw new WrongContent(`${url} is not what package-lock.json pins: ${found}, expected ${integrity}`);
  const into = join(folder, path);
  mkdirSync(into, { recursive: true });
  execFileSync("tar", ["-xz", "--strip-components=1", "--no-same-owner", "--no-same-permissions", "-C", into], { input: archive });
  prune(into);
}

/** A registry that is busy for a moment must not cost a build. */
async function download(url) {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
      if (response.ok) return Buffer.from(await response.arrayBuffer());
      if (response.status < 500 && response.status !== 429) attempt = Infinity;
      throw new Error(`${url}: HTTP ${response.status}`);
    } catch (error) {
      if (attempt >= 3) throw error;
      await new Promise((resolve) => setTimeout(resolve, attempt * 1_000));
    }
  }
}

/** What no running program reads: types, documents, sources in C, binaries for another C library. Licences stay. */
function prune(into) {
  for (const file of readdirSync(into, { recursive: true }))
    if (/(?:^|\/)(?:test|tests|doc|docs|vendor|benchmarks?|examples?|\.github|musl_\w+)(?:\/|$)|\.(?:d\.[cm]?ts|map|md|h|cc|cpp|S|asm)$/.test(file))
      rmSync(join(into, file), { recursive: true, force: true });
}
