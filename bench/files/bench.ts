/**
 * `npm run bench:files -- [--files 1000] [--megabytes 200]`: what a program pays for the pod's files, over a WebSocket on
 * loopback, with the agent's end in a process of its own. Runs as root.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FileMount, RemoteFiles } from "../../src/client/files/index.ts";
import { encodeClientOpening } from "../../src/protocol/index.ts";
import { connectWebSocket, Tunnel } from "../../src/tunnel/index.ts";
import { Proc } from "../../test/fixtures/proc.ts";

const { values } = parseArgs({
  options: { files: { type: "string", default: "1000" }, megabytes: { type: "string", default: "200" } },
});

/** What the program does. */
const asked = `
import os, sys, time
folder, count = sys.argv[1], int(sys.argv[2])
def timed(what, unit, act, many):
    began = time.perf_counter(); act(); took = time.perf_counter() - began
    print("%-44s %8.1f %s" % (what, took / many * 1e6 if unit == "µs" else many / took / 1e6, unit), flush=True)
def read(index):
    f = os.open("%s/small/%d" % (folder, index), os.O_RDONLY); os.read(f, 65536); os.close(f)
timed("open, read, close: a file never seen", "µs", lambda: [read(i) for i in range(count)], count)
timed("open, read, close: a file seen just now", "µs", lambda: [read(i % 20) for i in range(count)], count)
for i in range(20): os.stat("%s/small/%d" % (folder, i))
timed("stat: a file seen just now", "µs", lambda: [os.stat("%s/small/%d" % (folder, i % 20)) for i in range(count)], count)
timed("list a folder with attributes, per file", "µs", lambda: [e.stat() for e in os.scandir(folder + "/small")], count)
def whole():
    f = os.open(folder + "/large", os.O_RDONLY)
    while os.read(f, 1 << 20): pass
    os.close(f)
size = os.stat(folder + "/large").st_size
timed("read a large file from its start", "MB/s", whole, size)
f = os.open(folder + "/large", os.O_RDONLY)
timed("read 4 KB at random places", "µs", lambda: [os.pread(f, 4096, (i * 7919 * 4096) % (size - 4096)) for i in range(count)], count)
os.close(f)
block = bytes(1 << 20)
def write():
    f = os.open(folder + "/written", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for _ in range(50): os.write(f, block)
    os.close(f)
timed("write 50 MB", "MB/s", write, 50 << 20)
def make(index):
    f = os.open("%s/small/new-%d" % (folder, index), os.O_WRONLY | os.O_CREAT, 0o600); os.write(f, b"x"); os.close(f)
timed("make, write, close", "µs", lambda: [make(i) for i in range(count)], count)
timed("unlink", "µs", lambda: [os.unlink("%s/small/new-%d" % (folder, i)) for i in range(count)], count)
`;

const folder = mkdtempSync(join(tmpdir(), "bench-files-"));
try {
  mkdirSync(join(folder, "small"));
  for (let index = 0; index < Number(values.files); index++)
    writeFileSync(join(folder, "small", String(index)), "setting = value\n".repeat(20));
  writeFileSync(join(folder, "large"), Buffer.alloc(Number(values.megabytes) << 20, "magpie "));
  await measure();
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<void> {
  const program = fileURLToPath(new URL("agent-end.ts", import.meta.url));
  await using agent = await Proc.start({ command: [process.execPath, program] });
  const [port] = await agent.line(/^\d+$/);
  const carrier = await connectWebSocket({
    socket: connect(Number(port), "127.0.0.1"),
    ticket: "bench",
    path: "/",
  });
  await using tunnel = new Tunnel({
    carrier,
    role: "client",
    events: { onMessage: () => {}, onClose: () => {}, onStream: () => undefined },
  });
  const files = new RemoteFiles({
    open: (opening, events) => tunnel.open(encodeClientOpening(opening), events),
    process: agent.pid,
    writes: true,
  });
  const began = performance.now();
  await files.whose();
  console.log(`whose files they are: ${(performance.now() - began).toFixed(0)} ms`);
  const mounting = performance.now();
  await using mount = await FileMount.open({ files, onFault: console.error });
  console.log(`mount: ${(performance.now() - mounting).toFixed(0)} ms`);
  await expected(mount, files);
  const python = spawn("python3", ["-c", asked, `/proc/self/fd/3${folder}`, values.files], {
    stdio: ["ignore", "inherit", "inherit", mount.rootDescriptor],
  });
  await once(python, "close");
  files.close();
}

/** What one question for all names of a path takes, with the names that it saves. */
async function expected(mount: FileMount, files: RemoteFiles): Promise<void> {
  const turns = 200;
  const began = performance.now();
  for (let index = 0; index < turns; index++)
    await files.ask({ ask: "walk", path: Buffer.from(`${folder}/small/${index}`.slice(1)) });
  console.log(`one question: ${(((performance.now() - began) / turns) * 1000).toFixed(0)} µs (${mount.by})`);
}
