import koffi from "koffi";
import t from "tap";
import { ProcessMemory } from "../../src/kernel/index.ts";

const PAGE = 4096;
/** Nothing of this process is in the first page (mmap_min_addr). */
const NOWHERE = 8n;

/** Memory of our own that begins at a page, whose pages are followed by whatever comes. */
function pages(count: number): { bytes: Buffer; address: bigint } {
  const bytes = Buffer.alloc((count + 1) * PAGE);
  const misaligned = Number(koffi.address(bytes) % BigInt(PAGE));
  const aligned = bytes.subarray((PAGE - misaligned) % PAGE);
  return { bytes: aligned, address: koffi.address(aligned) };
}

void t.test("bytes are copied in any length, and not at all where some cannot be read", async (t) => {
  const memory = new ProcessMemory();
  const { bytes, address } = pages(64);
  bytes.forEach((_, index) => {
    bytes[index] = index % 251;
  });
  for (const length of [0, 1, PAGE, 200_000]) {
    t.ok(memory.read(process.pid, address + 3n, length)?.equals(bytes.subarray(3, 3 + length)), `${length}`);
  }
  t.equal(memory.read(process.pid, NOWHERE, 4), null);
  t.equal(memory.read(process.pid, NOWHERE, 100_000), null);
  t.equal(memory.read(0x3fffffff, address, 4), null, "nobody of that number");
  t.notOk(memory.takeRefusal(), "which is no refusal");
});

void t.test("a path ends at its NUL, wherever pages end, and has a bound", async (t) => {
  const memory = new ProcessMemory();
  const { bytes, address } = pages(4);
  const path = Buffer.from(`/${"long/".repeat(300)}end`);
  for (const at of [0, 100, PAGE - 1, PAGE - 2, PAGE - path.length, 2 * PAGE - 513, PAGE - path.length - 1]) {
    bytes.fill(0x41);
    path.copy(bytes, at);
    bytes[at + path.length] = 0;
    t.ok(memory.readPath(process.pid, address + BigInt(at))?.equals(path), `at ${at}`);
  }
  bytes.fill(0x41);
  bytes[4095] = 0;
  t.equal(memory.readPath(process.pid, address)?.length, 4095, "PATH_MAX with the NUL");
  bytes[4095] = 0x41;
  t.equal(memory.readPath(process.pid, address), null, "one more");
  t.equal(memory.readPath(process.pid, NOWHERE), null);
  bytes[0] = 0;
  t.equal(memory.readPath(process.pid, address)?.length, 0);
});

void t.test("bytes are written, also more than one window of them", async (t) => {
  const memory = new ProcessMemory();
  const { bytes, address } = pages(40);
  const text = Buffer.alloc(150_000, "written ");
  t.ok(memory.write(process.pid, address + 5n, text));
  t.ok(bytes.subarray(5, 5 + text.length).equals(text));
  t.notOk(memory.write(process.pid, NOWHERE, text));
});
