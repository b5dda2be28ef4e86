import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { agentImage } from "./images/images.ts";
import { podman, tryPodman } from "./images/podman.ts";
import { runCommand } from "./run-command.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const maxBytes = 200_000_000;
/** What the agent imports, and what that imports: nothing of the client's. */
const packages = [
  ...["@koromix", "@pinojs", "atomic-sleep", "koffi", "nftables-js", "on-exit-leak-free", "pino"],
  ...["pino-abstract-transport", "pino-std-serializers", "process-warning", "quick-format-unescaped"],
  ...["real-require", "safe-stable-stringify", "sonic-boom", "split2", "thread-stream", "ws"],
];
const say = (line: string): void => t.comment(line);
const image = (await agentImage(say)).name;

/** What the image's own programs say, as its own user, with nothing granted. */
async function inside(...command: readonly [string, ...string[]]): Promise<string> {
  const [program, ...rest] = command;
  const fixed = ["run", "--rm", "--network=none", "--read-only", "--cap-drop=all", "--pull=never"];
  return await podman([...fixed, "--entrypoint", program, image, ...rest]);
}

async function inspect(format: string): Promise<string> {
  return (await podman(["image", "inspect", image, "--format", format])).trim();
}

void t.test("the image has at most 200 MB, a user who is not root, and labels", async (t) => {
  const bytes = Number(await inspect("{{.Size}}"));
  t.ok(bytes <= maxBytes, `${(bytes / 1e6).toFixed(1)} MB`);
  t.comment(`${(bytes / 1e6).toFixed(1)} MB`);
  t.equal(await inspect("{{.Config.User}}"), "65532:65532");
  t.match(JSON.parse(await inspect("{{json .Config.Labels}}")), {
    "org.opencontainers.image.title": "magpie-agent",
    "org.opencontainers.image.licenses": "MIT",
    "org.opencontainers.image.version": String,
  });
});

void t.test("nft, both kinds of iptables, ip and the agent run in it", async (t) => {
  t.match(await inside("nft", "--version"), /^nftables v/);
  t.match(await inside("iptables", "--version"), /^iptables v/);
  t.match(await inside("iptables-nft", "--version"), /nf_tables/);
  t.match(await inside("ip6tables-legacy", "--version"), /legacy/);
  t.match(await inside("ip", "-V"), /^ip utility/);
  t.match(await inside("node", "--version"), /^v2\d\./);
  const usage = await tryPodman(["run", "--rm", "--network=none", "--pull=never", image]);
  t.equal(usage.code, 2);
  t.match(usage.stderr, /^Usage: magpie-agent run/m);
});

void t.test("what it does not need is not there", async (t) => {
  const script = `
    const { existsSync } = require("node:fs");
    const paths = ${JSON.stringify(["/usr/local/bin/npm", "/usr/local/lib/node_modules", "/usr/local/include", "/usr/bin/apt", "/usr/bin/perl", "/magpie/src/client", "/magpie/node_modules/commander", "/magpie/node_modules/typescript"])};
    console.log(paths.filter((path) => existsSync(path)).join());`;
  t.equal((await inside("node", "-e", script)).trim(), "");
  const list = 'console.log(require("fs").readdirSync("/magpie/node_modules").join())';
  t.same((await inside("node", "-e", list)).trim().split(",").toSorted(), packages);
});

void t.test("the agent runs from its bundle", async (t) => {
  const script = `
    import("/magpie/src/own-files.js").then(({ bundleOf }) => console.log(bundleOf("agent")))`;
  t.match(await inside("node", "-e", script), /^file:\/\/\/magpie\/dist\/agent-[0-9a-f]{12}\/main\.js$/m);
});

void t.test("its bill of materials names npm packages, Debian packages, and Node", async (t) => {
  const script = "process.stdout.write(require('fs').readFileSync('/usr/share/magpie/sbom.cdx.json'))";
  // It is our own; what is asked of it is checked below.
  const bill = JSON.parse(await inside("node", "-e", script)) as {
    bomFormat: string;
    specVersion: string;
    components: { purl: string; version: string; hashes?: object[] }[];
  };
  t.match(bill, { bomFormat: "CycloneDX", specVersion: "1.6" });
  const purls = bill.components.map(({ purl }) => purl);
  for (const pattern of [
    /^pkg:npm\/koffi@/,
    /^pkg:npm\/%40koromix\/koffi-linux-/,
    /^pkg:npm\/nftables-js@/,
    /^pkg:deb\/debian\/libc6@.*arch=/,
    /^pkg:deb\/debian\/nftables@/,
    /^pkg:generic\/node@2\d/,
    /^pkg:generic\/openssl@/,
  ])
    t.ok(
      purls.some((purl) => pattern.test(purl)),
      String(pattern),
    );
  t.notOk(purls.some((purl) => /^pkg:npm\/(?:commander|typescript)@/.test(purl)));
  t.ok(bill.components.every(({ version }) => version !== undefined && version !== ""));
});

void t.test("two builds of the same sources are one image", { timeout: 240_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "magpie-image-"));
  const name = `localhost/magpie-agent-again:${process.pid}`;
  t.teardown(async () => {
    rmSync(folder, { recursive: true, force: true });
    await tryPodman(["rmi", "--force", "--ignore", name]);
  });
  // Another place, other times, and nothing of what was built before.
  const archive = join(folder, "checkout.tar");
  const checkout = join(folder, "checkout");
  const files = [
    "Dockerfile",
    ".dockerignore",
    "package.json",
    "package-lock.json",
    "LICENSE",
    "bundle.mjs",
    "image",
    "iptables",
    "src",
  ];
  const packages = readFileSync(join(repository, ".dockerignore"), "utf8").matchAll(
    /^!(node_modules\/.*)$/gm,
  );
  for (const [, path] of packages) files.push(path ?? "");
  await runCommand(["tar", "--create", `--file=${archive}`, `--directory=${repository}`, ...files]);
  await runCommand(["mkdir", checkout]);
  await runCommand(["tar", "--extract", "--touch", `--file=${archive}`, `--directory=${checkout}`]);
  const options = ["--pull=never", "--network=host", "--no-cache", "--timestamp=0"];
  await podman(["build", ...options, "--build-arg=PACKAGES_FROM=checkout", `--tag=${name}`, checkout], {
    timeoutMs: 230_000,
  });
  const layers = async (of: string) =>
    (await podman(["image", "inspect", of, "--format", "{{json .RootFS.Layers}}"])).trim();
  t.equal(await layers(name), await layers(image));
});
