/**
 * `node bill-of-materials.mjs <root> <package-lock.json>`: prints what is in an image as CycloneDX 1.6 (ecma-international.org,
 * ECMA-424): npm packages under <root>/magpie, Debian packages in <root>/var/lib/dpkg/status.d, and Node with what is built
 * into it. The same content gives the same text: its time is SOURCE_DATE_EPOCH, its number a hash.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [root, lockfile] = process.argv.slice(2);
const application = JSON.parse(readFileSync(join(root, "magpie/package.json"), "utf8"));
const components = [...npmPackages(), ...debianPackages(), ...nodeAndItsParts()].sort((one, other) =>
  one.purl < other.purl ? -1 : 1,
);
const digest = createHash("sha256").update(JSON.stringify(components)).digest("hex");
const bill = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  // A UUID whose bits come from a hash (RFC 9562 §5.8).
  serialNumber: `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`,
  version: 1,
  metadata: {
    timestamp: new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1_000).toISOString(),
    component: {
      type: "container",
      "bom-ref": "magpie-agent",
      name: "magpie-agent",
      version: application.version,
      licenses: [{ license: { id: application.license } }],
    },
  },
  components: components.map((component) => ({ type: "library", "bom-ref": component.purl, ...component })),
};
process.stdout.write(`${JSON.stringify(bill, null, 1)}\n`);

function npmPackages() {
  const { packages } = JSON.parse(readFileSync(lockfile, "utf8"));
  return Object.entries(packages)
    .filter(([path, { link }]) => path !== "" && !link && existsSync(join(root, "magpie", path, "package.json")))
    .map(([path, { version, license, integrity }]) => {
      const name = path.startsWith("node_modules/")
        ? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)
        : JSON.parse(readFileSync(join(root, "magpie", path, "package.json"), "utf8")).name;
      return {
        name,
        version: version ?? application.version,
        purl: `pkg:npm/${name.replace("@", "%40")}@${version ?? application.version}`,
        ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
        ...(integrity === undefined ? {} : { hashes: [sha512(integrity)] }),
      };
    });
}

function sha512(integrity) {
  const [algorithm, content] = integrity.split("-");
  return { alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(content, "base64").toString("hex") };
}

function debianPackages() {
  const folder = join(root, "var/lib/dpkg/status.d");
  const release = /^ID=(.*)$[^]*/m.exec(readFileSync(join(root, "etc/os-release"), "utf8"))?.[1] ?? "debian";
  const number = /^VERSION_ID="?([\d.]+)/m.exec(readFileSync(join(root, "etc/os-release"), "utf8"))?.[1];
  return readdirSync(folder).map((file) => {
    const paragraph = readFileSync(join(folder, file), "utf8");
    const field = (name) => new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1];
    const [name, version, architecture] = [field("Package"), field("Version"), field("Architecture")];
    const distribution = number === undefined ? "" : `&distro=${release}-${number}`;
    const purl = `pkg:deb/${release}/${name}@${encodeURIComponent(version)}?arch=${architecture}${distribution}`;
    return { name, version, purl };
  });
}

/** Libraries that are compiled into Node are in no package database, and have their own faults. */
function nodeAndItsParts() {
  const { node, ...parts } = process.versions;
  const numbered = Object.entries(parts).filter(([name, version]) => /\d/.test(version) && name !== "modules");
  return [["node", node], ...numbered].map(([name, version]) => ({
    name,
    version,
    purl: `pkg:generic/${name}@${encodeURIComponent(version)}`,
    ...(name === "node" ? {} : { description: "built into Node" }),
  }));
}
