import { execFile } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { createNamespaces } from "./fixtures/namespaces.ts";
import { RuntimeDirectory } from "./fixtures/magpie-steal.ts";
import { Proc } from "./fixtures/proc.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());

/** A checkout of its own, so that nobody else's bundle is touched. */
const checkout = mkdtempSync(join(tmpdir(), "magpie-bundle-"));
stage.defer(() => rmSync(checkout, { recursive: true }));
for (const part of ["src", "iptables", "package.json", "tsconfig.json", "bundle.mjs"])
  cpSync(join(root, part), join(checkout, part), { recursive: true, preserveTimestamps: true });
symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
const sources = ["src", "iptables"]
  .flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" }).map((file) =>
      join(checkout, folder, file),
    ),
  )
  .filter((file) => file.endsWith(".ts"));
/** Of whole seconds, which a file can be given again. */
const aWhileAgo = new Date("2026-01-01");
for (const file of sources) utimesSync(file, aWhileAgo, aWhileAgo);
const { bundleOf } = (await import(pathToFileURL(join(checkout, "src/own-files.js")).href)) as {
  bundleOf: (program: "client" | "agent") => string | undefined;
};
const launcher = join(checkout, "src/client/magpie.js");
delete process.env["MAGPIE_FROM_SOURCES"];

async function makeBundle(...programs: readonly ("client" | "agent")[]): Promise<void> {
  await execute(process.execPath, [join(checkout, "bundle.mjs"), ...programs]);
}

void t.test("there is a bundle of client and agent when it was made, and not before", async (t) => {
  t.equal(bundleOf("client"), undefined);
  await makeBundle();
  for (const program of ["client", "agent"] as const)
    t.match(bundleOf(program), new RegExp(`/dist/${program}-[0-9a-f]{12}/main\\.js$`));
});

void t.test("whoever asks for the sources has them", async (t) => {
  process.env["MAGPIE_FROM_SOURCES"] = "1";
  t.teardown(() => delete process.env["MAGPIE_FROM_SOURCES"]);
  t.equal(bundleOf("client"), undefined);
});

void t.test("any change of a source leaves the bundle aside until it is made anew", async (t) => {
  const before = bundleOf("client");
  const source = join(checkout, "src/client/exit-codes.ts");
  const text = readFileSync(source, "utf8");
  appendFileSync(source, "// more\n");
  t.equal(bundleOf("client"), undefined, "it is longer");
  t.not(bundleOf("agent"), undefined, "the agent is not made of it");
  writeFileSync(source, text);
  utimesSync(source, new Date(), new Date(Date.now() + 5_000));
  t.equal(bundleOf("client"), undefined, "it is younger, though it says the same");
  await makeBundle("client");
  t.equal(bundleOf("client"), before, "of the same text comes the same bundle");
  rmSync(source);
  t.equal(bundleOf("client"), undefined, "it is gone");
  writeFileSync(source, text);
  writeFileSync(join(checkout, "dist/client.json"), "{");
  t.equal(bundleOf("client"), undefined, "what is noted of it cannot be read");
});

void t.test("who runs from the bundle before the last can go on, and older ones are gone", async (t) => {
  const source = join(checkout, "src/client/exit-codes.ts");
  const made: (string | undefined)[] = [];
  for (const value of ["one", "two", "three"]) {
    appendFileSync(source, `console.log("${value}");\n`);
    await makeBundle("client");
    made.push(bundleOf("client"));
  }
  t.equal(new Set(made).size, 3);
  const left = readdirSync(join(checkout, "dist")).filter((name) => /^client-/.test(name));
  t.same(
    left.sort(),
    made
      .slice(1)
      .map((url) => url?.split("/").at(-2) ?? "")
      .sort(),
  );
  writeFileSync(source, readFileSync(join(root, "src/client/exit-codes.ts")));
  utimesSync(source, aWhileAgo, aWhileAgo);
  await makeBundle("client");
});

void t.test("a program runs in either sandbox from nothing but the bundles", async (t) => {
  // As long and as old as they were, but no program: should anything be taken from them, it fails.
  for (const file of sources) {
    writeFileSync(file, "!".repeat(statSync(file).size));
    utimesSync(file, aWhileAgo, aWhileAgo);
  }
  await using names = await createNamespaces({ label: "bundle" });
  const directory = stage.use(await RuntimeDirectory.create());
  const app = stage.use(
    await Proc.start({
      namespace: names.pod.name,
      command: [
        process.execPath,
        "-e",
        `require("node:http").createServer((q, r) => r.end("the app")).listen(8080, () => console.log("up"))`,
      ],
    }),
  );
  await app.line(/^up$/);
  const look = `import os, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:8080/").read().decode(), len(os.listdir("/var/lib/dpkg")) > 0)`;
  for (const kind of ["off", "seccomp", "namespace"]) {
    const script = kind === "off" ? `print("the app", True)` : look;
    const { stdout, stderr } = await execute(
      process.execPath,
      [
        launcher,
        ...["exec", "--target", `netns:${names.pod.name}`, "--sandbox", kind],
        ...["--", "python3", "-c", script],
      ],
      { env: { ...process.env, MAGPIE_RUNTIME_DIR: directory.path } },
    );
    t.equal(stdout, "the app True\n", `${kind}: ${stderr}`);
  }
});

void t.test("a bundle reads a config of each form, converts one of mirrord, and completes", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "magpie-bundle-config-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const magpie = async (...words: string[]): Promise<string> =>
    (await execute(process.execPath, [launcher, ...words], { cwd: folder })).stdout;
  const configs = {
    "a.json": '{ "target": "netns:shop" }',
    "a.jsonc": '{ "target": "netns:shop", /* here */ }',
    "a.yaml": "target: netns:shop\n",
    "a.toml": 'target = "netns:shop"\n',
    "mirrord.json": '{ "target": "deployment/web" }',
  };
  for (const [file, text] of Object.entries(configs)) {
    writeFileSync(join(folder, file), text);
    t.match(await magpie("config", "check", file), "nothing is wrong", file);
  }
  t.match(await magpie("config", "convert", "mirrord.json"), '"target": "deployment/web"');
  t.match(await magpie("config", "schema"), '"$schema"');
  t.match(await magpie("__complete", "stea"), "steal");
});
