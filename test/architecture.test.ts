import { posix } from "node:path";
import t from "tap";
import { readImports, readSource, type SourceImport, sourceFiles } from "./fixtures/source-tree.ts";

const files = sourceFiles();
const typescript = files.filter((file) => /\.tsx?$/.test(file));
const product = typescript.filter((file) => /^(src|iptables)\//.test(file) && !file.endsWith(".test.ts"));
const imports = new Map<string, SourceImport[]>(typescript.map((file) => [file, readImports(file)]));

/** Which rooms a room may use, DESIGN.md §2; `types` when only their types. */
const uses: Readonly<Record<string, Readonly<Record<string, "all" | "types">>>> = {
  agent: {
    iptables: "all",
    socket: "all",
    kernel: "all",
    tunnel: "all",
    protocol: "all",
    filters: "all",
    http: "all",
  },
  client: {
    kubernetes: "all",
    socket: "all",
    kernel: "all",
    tunnel: "all",
    protocol: "all",
    filters: "all",
    http: "all",
  },
  socket: { kernel: "all", tunnel: "all", protocol: "all" },
  tunnel: { protocol: "all" },
  protocol: { filters: "types", http: "types" },
  filters: { http: "types" },
  http: {},
  kernel: {},
  kubernetes: { protocol: "types" },
  iptables: {},
};

/** A page in the browser, which has components all over. */
const inspectorPage = /^src\/client\/inspector\/page\//;

/** The one place that may import each package. */
const doors: Readonly<Record<string, RegExp>> = {
  ws: /^src\/(?:tunnel\/websocket-carrier|kubernetes\/api\/api-socket)\.ts$/,
  koffi: /^src\/kernel\/koffi\.ts$/,
  pino: /\/log\.ts$/,
  "@inquirer/core": /^src\/client\/cli\/picker\/pick-prompt\.ts$/,
  commander: /^src\/client\/cli\//,
  zod: /^src\/client\/(?:config\/(?:schema|mirrord\/shape)|json-lines)\//,
  "jsonc-parser": /^src\/client\/config\/document\/read-jsonc\.ts$/,
  yaml: /^src\/client\/config\/document\/read-yaml\.ts$/,
  "toml-eslint-parser": /^src\/client\/config\/document\/read-toml\.ts$/,
  undici: /^src\/client\/incoming\//,
  "http2-wrapper": /^src\/client\/incoming\//,
  "@kubernetes/client-node": /^src\/kubernetes\/api\/client-library\.ts$/,
  preact: inspectorPage,
  "@preact/signals": inspectorPage,
  // It is run, not imported: by bundle.mjs.
  vite: /^$/,
  "js-yaml": /^src\/kubernetes\/api\/client-library\.ts$/,
  protobufjs: /^src\/client\/inspector\/messages\/protobuf\.ts$/,
  "nftables-js": /^src\/agent\//,
  redis: /^examples\/shop\/visits\.ts$/,
  mqtt: /^examples\/shop\/announcements\.ts$/,
};

/** Rooms that do no input or output: they run in tests, agents and browsers alike. */
const pure = ["http", "filters", "protocol"];
const inputOutput =
  /^node:(?:child_process|cluster|dgram|dns|fs|http|https|http2|net|process|tls|worker_threads)(?:\/|$)/;
const asksOnlyForAddresses = /^\{\s*(?:(?:type\s+)?isIP(?:v4|v6)?\s*,?\s*)+\}$/;

function roomOf(file: string): string | undefined {
  return file.startsWith("iptables/") ? "iptables" : /^src\/([^/]+)\//.exec(file)?.[1];
}

/** The package of a bare specifier: `@a/b/c` is of `@a/b`. */
function packageOf(specifier: string): string {
  const [scope = "", name = ""] = specifier.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

void t.test("every room is in the table", async (t) => {
  const strangers = product.filter((file) => !Object.hasOwn(uses, roomOf(file) ?? ""));
  t.same(strangers, []);
});

void t.test("imports between rooms go one way, and only through index.ts", async (t) => {
  const wrong: string[] = [];
  for (const file of product) {
    const from = roomOf(file) ?? "";
    for (const { specifier, file: target, typeOnly } of imports.get(file) ?? []) {
      const to = specifier === "nftables-js" ? "iptables" : target && (roomOf(target) ?? "outside");
      // The package's own name and version are everybody's.
      if (to === undefined || to === from || target === "package.json") continue;
      const allowed = uses[from]?.[to];
      if (!allowed) wrong.push(`${file}: ${from} may not use ${to} (${specifier})`);
      else if (allowed === "types" && !typeOnly) wrong.push(`${file}: ${from} may use only types of ${to}`);
      else if (to === "iptables" && target) wrong.push(`${file}: iptables is imported as nftables-js`);
      else if (target && posix.basename(target) !== "index.ts")
        wrong.push(`${file}: ${specifier} is not the room's index.ts`);
    }
  }
  t.same(wrong, []);
});

void t.test("no imports in a circle", async (t) => {
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    for (const { file: target, typeOnly } of imports.get(file) ?? []) {
      if (target !== undefined && !typeOnly) visit(target, [...path, file]);
    }
    state.set(file, "done");
  };
  for (const file of typescript) visit(file, []);
  t.same(circles, []);
});

void t.test("relative imports name an existing file with its ending", async (t) => {
  const known = new Set(files);
  const wrong: string[] = [];
  for (const [file, found] of imports) {
    for (const { specifier, file: target } of found) {
      if (target !== undefined && !known.has(target)) wrong.push(`${file}: ${specifier}`);
    }
  }
  t.same(wrong, []);
});

void t.test("each package has one door", async (t) => {
  const wrong: string[] = [];
  for (const file of product) {
    for (const { specifier, file: target } of imports.get(file) ?? []) {
      if (target !== undefined || specifier.startsWith("node:")) continue;
      const name = packageOf(specifier);
      if (!doors[name]?.test(file)) wrong.push(`${file}: ${name}`);
    }
  }
  t.same(wrong, []);
});

void t.test("pure rooms do no input or output", async (t) => {
  const wrong: string[] = [];
  for (const file of product.filter((file) => pure.includes(roomOf(file) ?? ""))) {
    for (const { specifier, clause } of imports.get(file) ?? []) {
      const harmless = specifier === "node:net" && asksOnlyForAddresses.test(clause);
      if (inputOutput.test(specifier) && !harmless) wrong.push(`${file}: ${specifier}`);
    }
  }
  t.same(wrong, []);
});

void t.test(
  "what runs in the browser imports nothing of Node, and of the rest only what is pure",
  async (t) => {
    const wrong: string[] = [];
    for (const file of product.filter((file) => inspectorPage.test(file))) {
      for (const { specifier, file: target, typeOnly } of imports.get(file) ?? []) {
        const isOurs =
          target === undefined ? doors[packageOf(specifier)] === inspectorPage : inspectorPage.test(target);
        if (isOurs || typeOnly || pure.includes(roomOf(target ?? "") ?? "")) continue;
        wrong.push(`${file}: ${specifier}`);
      }
    }
    t.same(wrong, []);
  },
);

void t.test("a file is kebab-case and named by what it gives", async (t) => {
  const named = typescript.map((file) => file.replace(/(?:\.test|\.long|\.scene|\.d)?\.tsx?$/, ""));
  const parts = (file: string): string[] => file.split("/");
  const forbidden = /^(?:utils?|helpers?|common|misc|types?|shared|stuff)$/;
  t.same(
    named.filter((file) => parts(file).some((part) => forbidden.test(part))),
    [],
  );
  t.same(
    named.filter((file) => !parts(file).every((part) => /^\.?[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part))),
    [],
  );
});

void t.test("each test mirrors a source file, or stands in a folder of its own kind", async (t) => {
  const known = new Set(files);
  const kinds = /^test\/(?:compliance|integration|netns|e2e|fixtures)\//;
  const orphans = typescript.filter((file) => {
    if (!/\.(?:test|long)\.ts$/.test(file) || kinds.test(file)) return false;
    const mirrored = file.replace(/^(?:iptables\/)?test\//, "").replace(/\.(?:test|long)\.ts$/, "");
    if (["architecture", "docs", "fixtures"].includes(mirrored)) return false;
    return !shortened(mirrored).some((path) => places(path).some((place) => known.has(place)));
  });
  t.same(orphans, []);

  function places(path: string): string[] {
    const nft = path.replace(/^iptables\//, "");
    const readme = path.replace(/readme$/, "README.md");
    return [
      `src/${path}.ts`,
      `src/${path}.tsx`,
      `iptables/src/${nft}.ts`,
      `${path}.ts`,
      `${path}.mjs`,
      readme,
    ];
  }

  /** A second test of a file adds what it is about: `request.ts` has `request-fuzz.test.ts`. */
  function shortened(path: string): string[] {
    const folder = posix.dirname(path);
    const words = posix.basename(path).split("-");
    return words.map((_, index) => posix.join(folder, words.slice(0, words.length - index).join("-")));
  }
});

void t.test("only TypeScript that Node can strip", async (t) => {
  const wrong = typescript.filter((file) => {
    const lines = readSource(file).split("\n");
    return lines.some((line) =>
      /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?(?:enum|namespace)\s+\w+\s*\{/.test(line),
    );
  });
  t.same(wrong, []);
});

void t.test("no file names a path of one machine", async (t) => {
  // Folders in which checkouts and homes lie; `/proc/1/root/etc` and the like are no such path.
  const machine = new RegExp(`(?:^|[\\s"'\`(=:])/(?:${["work", "root"].join("|")})/`, "m");
  const wrong = files.filter((file) => {
    const text = readSource(file);
    return !text.includes("\0") && machine.test(text);
  });
  t.same(wrong, []);
});

void t.test("the lockfile names the packages of every platform", async (t) => {
  // npm leaves out what the registry of the day did not offer, and `npm ci` then refuses to work.
  const lock = JSON.parse(readSource("package-lock.json")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>; // lockfileVersion 3.
  };
  const missing: string[] = [];
  for (const [path, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const nested = `${path}/node_modules/${name}`;
      if (!lock.packages[nested] && !lock.packages[`node_modules/${name}`]) missing.push(name);
    }
  }
  t.same(missing, []);
});
