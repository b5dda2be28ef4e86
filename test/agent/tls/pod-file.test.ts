import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { BadCertificate } from "../../../src/agent/tls/index.ts";
import { readPodFile } from "../../../src/agent/tls/pod-file.ts";

const outside = mkdtempSync(join(tmpdir(), "magpie-pod-"));
t.teardown(() => rmSync(outside, { recursive: true }));
const root = join(outside, "root");
mkdirSync(join(root, "etc/tls/..data"), { recursive: true });
writeFileSync(join(outside, "secret"), "of the host");
writeFileSync(join(root, "etc/tls/..data/tls.crt"), "of the pod");
writeFileSync(join(root, "secret"), "the pod's own");

void t.test("links are followed as the pod would follow them, and never out of its root", async (t) => {
  symlinkSync("..data/tls.crt", join(root, "etc/tls/tls.crt"));
  symlinkSync("/etc/tls", join(root, "absolute"));
  symlinkSync("../../secret", join(root, "out"));
  symlinkSync("/secret", join(root, "etc/secret"));
  for (const path of [
    "/etc/tls/tls.crt",
    "/absolute/tls.crt",
    "//etc/./tls/../tls/tls.crt",
    "/../etc/tls/tls.crt",
  ])
    t.equal(await readPodFile(root, path), "of the pod", path);
  for (const path of ["/out", "/etc/secret", "/../secret", "/etc/../../secret"])
    t.equal(await readPodFile(root, path), "the pod's own", path);
});

void t.test("what is no small regular file is refused with its name and without its content", async (t) => {
  symlinkSync("loop", join(root, "loop"));
  execFileSync("mkfifo", [join(root, "fifo")]);
  writeFileSync(join(root, "large"), Buffer.alloc(1024 * 1024 + 1));
  for (const [path, message] of [
    ["etc/tls/tls.crt", "pod:etc/tls/tls.crt is not an absolute path in the pod"],
    ["/nowhere", "pod:/nowhere cannot be read: there is no such file in the pod"],
    ["/secret/x", "pod:/secret/x cannot be read: a part of the path is no folder"],
    ["/etc", "pod:/etc is not a regular file"],
    ["/", "pod:/ is not a regular file"],
    ["/fifo", "pod:/fifo is not a regular file"],
    ["/loop", "pod:/loop leads through too many links"],
    ["/large", "pod:/large is larger than 1048576 bytes"],
  ] as const) {
    const error: unknown = await readPodFile(root, path).catch((error: unknown) => error);
    t.ok(error instanceof BadCertificate);
    t.match(error, { code: "bad-certificate", message });
  }
});
