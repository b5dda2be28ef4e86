#!/usr/bin/env node
/**
 * `npm run bundle [-- client|agent|inspector]`, and part of `npm ci`: puts the sources of client and agent together in `dist`, a few files each,
 * since Node takes a third of a millisecond for each file that it loads and `magpie exec` is made of 500 of them; and builds the inspector's
 * page, which a browser cannot run as it is written.
 *
 * The launchers take a bundle only when it was made of just the sources that are there (src/own-files.js), so that none need
 * be made after an edit: without one, or with an old one, everything runs from the sources, only later. Plain JavaScript, and
 * nothing fails where esbuild or Vite is not installed: an installation without development packages does without.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");

/** Each runs from what is below `src`, but for the other one. */
const programs = [
  { name: "client", main: "src/client/cli/main.ts", without: "src/agent/" },
  { name: "agent", main: "src/agent/main.ts", without: "src/client/" },
];

/** Entries that run in one thread, and so have what they share once. Each other one runs by itself, and is one file. */
const together = [["supervisor-thread", "fast-path-calls", "socket-handlers"]];

/** Where a module of ours is run in a thread or process of its own, or found later. */
const ownModule = /new URL\("([^"]+)\.ts", import\.meta\.url\)/g;

/** Gives names of outputs to the modules that something may be started with. */
function entriesOf({ main, without }) {
  const entries = new Map([[join(root, main), "main"]]);
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).map((file) => `src/${file}`);
  for (const file of files.filter((file) => file.endsWith(".ts") && !file.startsWith(without))) {
    for (const [, target] of readFileSync(join(root, file), "utf8").matchAll(ownModule)) {
      const path = join(root, dirname(file), `${target}.ts`);
      const name = target.slice(target.lastIndexOf("/") + 1);
      if ([...entries].some(([other, taken]) => taken === name && other !== path))
        throw new Error(`two modules that are started are called ${name}`);
      entries.set(path, name);
    }
  }
  return entries;
}

/**
 * What a module says of its own place stays true in a bundle: another module that is to be run is found in the bundle, any
 * other file where it is. Notes size and time of each file as it was before it was read.
 */
function sourcesAsTheyAre(entries, sources) {
  const loaders = { ts: "ts", json: "json" };
  return {
    name: "sources-as-they-are",
    setup(build) {
      build.onLoad({ filter: /.*/, namespace: "file" }, ({ path }) => {
        const { size, mtimeMs } = statSync(path);
        sources[relative(root, path)] = [size, mtimeMs];
        const text = readFileSync(path, "utf8");
        const loader = loaders[path.slice(path.lastIndexOf(".") + 1)] ?? "js";
        return { loader, contents: loader === "ts" ? placed(text, path) : text };
      });
    },
  };

  function placed(text, path) {
    const inBundle = text.replace(ownModule, (whole, target) => {
      const name = entries.get(join(dirname(path), `${target}.ts`));
      return name === undefined ? whole : `new URL("./${name}.js", importMeta.url)`;
    });
    const here = `new URL("../../${relative(root, path)}", importMeta.url).href`;
    return inBundle.replaceAll("import.meta.url", here).replaceAll("importMeta.url", "import.meta.url");
  }
}

/** Node's own modules that are much to load, and that most runs do not need: loaded when something of them is asked for. */
const late = new Set(["http2", "https", "tls", "zlib"]);

/**
 * What is imported of Node's own modules is asked for by name. For an import Node looks at all that a module has, and loads
 * what it would otherwise load when it is asked for: with node:http the whole of fetch, which takes 30 ms and more.
 */
const nodesOwn = {
  name: "nodes-own",
  setup(build) {
    build.onResolve({ filter: /^[a-z_0-9:/]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      const name = path.replace(/^node:/, "");
      if (late.has(name)) return { path: name, namespace: "late", sideEffects: false };
      if (kind === "import-statement") return { path: name, namespace: "at-once", sideEffects: false };
      return { path, external: true };
    });
    build.onLoad({ filter: /.*/, namespace: "at-once" }, ({ path }) => ({
      contents: [
        `const all = process.getBuiltinModule("node:${path}");`,
        "const one = (name) => all[name];",
        "export default all;",
        ...namesOf(path).map((name) => `export const ${name} = /* @__PURE__ */ one("${name}");`),
      ].join("\n"),
    }));
    build.onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => ({
      contents: [
        "let all;",
        `const load = () => (all ??= process.getBuiltinModule("node:${path}"));`,
        "module.exports = {",
        ...namesOf(path).map((name) => `get ${name}() { return load().${name}; },`),
        "};",
      ].join("\n"),
    }));
  },
};

/** Nothing is got, since that is what loads. */
function namesOf(builtin) {
  return Object.getOwnPropertyNames(process.getBuiltinModule(`node:${builtin}`)).filter(
    (name) => /^[A-Za-z_]\w*$/.test(name) && name !== "default",
  );
}

async function bundle(esbuild, program) {
  const entries = entriesOf(program);
  const sources = {};
  const groups = Map.groupBy(entries, ([, name]) => together.find((group) => group.includes(name))?.[0] ?? name);
  const files = [];
  for (const group of groups.values()) files.push(...(await build(esbuild, { program, group, entries, sources })));
  put(program.name, files, sources);
}

/** Gives what is to be written for some entries of all; adds to `sources` what it is made of. */
async function build(esbuild, { program, group, entries, sources }) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: group.map(([path, name]) => ({ in: path, out: name })),
    outdir: join(dist, program.name),
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24.12",
    charset: "utf8",
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "warning",
    // As Node does it, which only strips types.
    tsconfigRaw: { compilerOptions: { target: "esnext", useDefineForClassFields: true, verbatimModuleSyntax: true } },
    // It loads its library by itself; only where that is elsewhere it is asked for by name.
    external: ["koffi"],
    // CommonJS packages ask by it for Node's own modules, and for packages that they can do without, such as ws for bufferutil: they are
    // told that these are not there.
    banner: { js: 'const require = (name) => process.getBuiltinModule(name) ?? (() => { throw new Error(`there is no ${name} in a bundle`); })();' },
    plugins: [nodesOwn, sourcesAsTheyAre(entries, sources)],
  });
  return outputFiles;
}

/** In a folder named by what is in it, since who runs from another one may still load of it. */
function put(name, files, sources) {
  const hash = createHash("sha256");
  for (const { path, contents } of files) hash.update(`${path}\n`).update(contents);
  const folder = `${name}-${hash.digest("hex").slice(0, 12)}`;
  const making = join(dist, `.${folder}.${process.pid}`);
  mkdirSync(making, { recursive: true });
  for (const { path, contents } of files) writeFileSync(join(making, relative(join(dist, name), path)), contents);
  if (existsSync(join(dist, folder))) rmSync(making, { recursive: true });
  else renameSync(making, join(dist, folder));
  const note = join(dist, `${name}.json`);
  writeFileSync(`${note}.${process.pid}`, JSON.stringify({ main: `${folder}/main.js`, sources }));
  renameSync(`${note}.${process.pid}`, note);
  const others = readdirSync(dist).filter((other) => other.startsWith(`${name}-`) && other !== folder);
  const byAge = others.map((other) => ({ other, at: statSync(join(dist, other)).mtimeMs })).sort((a, b) => b.at - a.at);
  for (const { other } of byAge.slice(1)) rmSync(join(dist, other), { recursive: true, force: true });
}

/** Undefined where it is not installed, or not for this platform. */
async function findEsbuild() {
  // A bundle names what Node's own modules have: it is made by a Node that can run it.
  if (typeof Map.groupBy !== "function" || process.getBuiltinModule === undefined) return undefined;
  try {
    return await import("esbuild");
  } catch {
    return undefined;
  }
}

/** Where the page is written, and where it is built to. */
const page = "src/client/inspector/page";
const pageFolder = join(dist, "inspector");

/**
 * Builds the inspector's page into `dist/inspector`. Who has an older one open may still load of that: what it is made of has
 * hashed names, and stays for one more build; index.html, which names the new ones, comes last.
 */
async function buildPage(vite) {
  const isFile = (file) => statSync(join(root, file)).isFile();
  const sources = {};
  const note = (file) => {
    const { size, mtimeMs } = statSync(join(root, file));
    sources[file] = [size, mtimeMs];
  };
  // Before they are read, so that an edit in between is noticed.
  for (const file of readdirSync(join(root, page), { recursive: true, encoding: "utf8" }).map((file) => `${page}/${file}`)) if (isFile(file)) note(file);
  const { output } = await vite.build({
    root: join(root, page),
    configFile: join(root, page, "vite.config.js"),
    build: { write: false },
  });
  const modules = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
  for (const module of modules.filter((module) => module.startsWith(join(root, "src/")))) note(relative(root, module));
  const before = existsSync(pageFolder) ? readdirSync(pageFolder, { recursive: true, encoding: "utf8" }) : [];
  const outputs = output.map((file) => ({ path: join(pageFolder, file.fileName), contents: file.type === "chunk" ? file.code : file.source }));
  outputs.sort((a, b) => Number(a.path.endsWith(".html")) - Number(b.path.endsWith(".html")));
  for (const { path, contents } of outputs) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
  const noteFile = join(dist, "inspector.json");
  writeFileSync(`${noteFile}.${process.pid}`, JSON.stringify({ main: "inspector/index.html", sources, files: outputs.map(({ path }) => relative(pageFolder, path)) }));
  let kept = [];
  if (existsSync(noteFile)) kept = JSON.parse(readFileSync(noteFile, "utf8")).files ?? [];
  renameSync(`${noteFile}.${process.pid}`, noteFile);
  const named = new Set([...kept, ...outputs.map(({ path }) => relative(pageFolder, path))]);
  for (const old of before) if (/\.\w+$/.test(old) && !named.has(old) && statSync(join(pageFolder, old)).isFile()) rmSync(join(pageFolder, old));
}

/** Undefined where it is not installed, or not for this platform. */
async function findVite() {
  try {
    return await import("vite");
  } catch {
    return undefined;
  }
}

const wanted = process.argv.slice(2);
const isWanted = (name) => (wanted[0] ?? name) === name;
const esbuild = await findEsbuild();
if (esbuild === undefined) console.error("magpie: no bundle without esbuild and Node 24; it runs from its sources, and starts later");
else {
  // An image of the agent has no client.
  const there = programs.filter(({ name, main }) => existsSync(join(root, main)) && isWanted(name));
  for (const program of there) await bundle(esbuild, program);
}
if (isWanted("inspector") && existsSync(join(root, page))) {
  const vite = await findVite();
  if (vite === undefined) console.error("magpie: no inspector page without Vite; everything else works");
  else await buildPage(vite);
}
