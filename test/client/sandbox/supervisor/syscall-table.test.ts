import { readFileSync } from "node:fs";
import t from "tap";
import { syscallNumber, syscallTable } from "../../../../src/client/sandbox/supervisor/syscall-table.ts";

const x64Header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";
const genericHeader = "/usr/include/asm-generic/unistd.h";

/** `#define __NR_name number`, and for those that 32-bit machines number otherwise `__NR3264_name`. */
function numbersIn(header: string): Map<string, number> | undefined {
  let text: string;
  try {
    text = readFileSync(header, "utf8");
  } catch {
    return undefined;
  }
  return new Map(
    [...text.matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm)].map(([, name = "", number]) => [
      // The header gives the call its name behind a condition.
      name === "fstatat" ? "newfstatat" : name,
      Number(number),
    ]),
  );
}

for (const [architecture, header] of [
  ["x64", x64Header],
  ["arm64", genericHeader],
] as const) {
  const numbers = numbersIn(header);
  const skip = numbers === undefined && "the kernel's headers are not installed";
  void t.test(`the numbers of ${architecture} are those of the kernel's header`, { skip }, async (t) => {
    if (numbers === undefined) return;
    for (const [name, entry] of Object.entries(syscallTable)) {
      // Newer than the header.
      if (!numbers.has(name) && (entry[architecture] ?? 0) > 450) continue;
      t.equal(entry[architecture], numbers.get(name) ?? null, name);
    }
  });
}

void t.test("no two calls have one number", async (t) => {
  for (const architecture of ["x64", "arm64"] as const) {
    const numbers = Object.values(syscallTable)
      .map((entry) => entry[architecture])
      .filter((number) => number !== null);
    t.equal(new Set(numbers).size, numbers.length);
  }
});

void t.test("a call that an architecture lacks has no number there", async (t) => {
  t.equal(syscallNumber("open", "x64"), 2);
  t.equal(syscallNumber("open", "arm64"), undefined);
});
