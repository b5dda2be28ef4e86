import t from "tap";
import { chooseProcess } from "../../../src/agent/context/choose-process.ts";
import { ContextError } from "../../../src/agent/context/errors.ts";
import type { NamespaceProcess } from "../../../src/agent/context/namespace-processes.ts";

function one(pid: number, parent: number, ...ports: number[]): NamespaceProcess {
  return { pid, parent, name: `p${pid}`, ports };
}

function choose(processes: NamespaceProcess[], hidden = 0, hiddenPorts: number[] = []): string {
  try {
    const { pid, because } = chooseProcess({ processes, hidden, hiddenPorts });
    return `${pid}: ${because}`;
  } catch (error) {
    if (!(error instanceof ContextError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

void t.test("the app is who listens; of those who belong together, who was first", async (t) => {
  const cases: [processes: NamespaceProcess[], says: RegExp][] = [
    [[one(5, 1, 80)], /^5: it is the only one that listens for TCP connections, on port 80$/],
    [[one(4, 1), one(5, 4, 80, 443), one(6, 5)], /^5: .*only one .*on ports 80, 443$/],
    [
      [one(9, 1, 80), one(5, 9, 80), one(6, 5, 81)],
      /^9: it listens .* on port 80 and started the others that do$/,
    ],
    // Its helper between them does not listen.
    [[one(9, 1, 80), one(5, 9), one(6, 5, 81)], /^9: /],
    [[one(4, 1), one(6, 4, 80), one(5, 4, 80)], /^5: it is the first of 2 workers that listen on port 80$/],
    [[one(7, 1), one(8, 7), one(9, 8)], /^7: nothing listens for TCP connections, and it started all other/],
    [[one(7, 1)], /^7: it is the only process there$/],
    [[one(5, 1, 1, 2, 3, 4, 5, 6)], /on ports 1, 2, 3, 4, 5, …$/],
  ];
  for (const [processes, says] of cases) t.match(choose(processes), says);
});

void t.test("where none can be chosen the candidates are listed, each with its ports", async (t) => {
  t.match(
    choose([one(5, 1, 80), one(6, 1, 81), one(7, 1)]),
    /^several: 2 processes listen .* name one by --process:\n5 \(p5, listens on port 80\)\n6 \(p6, listens on port 81\)$/,
  );
  // Workers of different parents, and such that listen elsewhere, may be different programs.
  t.match(choose([one(5, 1, 80), one(6, 2, 80)]), /^several/);
  t.match(choose([one(5, 1), one(6, 1)]), /^several: 2 processes run .*\n5 \(p5\)\n6 \(p6\)$/);
  const many = Array.from({ length: 30 }, (_, index) => one(index + 10, 1, index + 1));
  t.match(choose(many), /\n29 \(p29, listens on port 20\)\nand 10 others$/);
});

void t.test("nothing to choose from is told from nothing that may be seen", async (t) => {
  t.match(choose([]), /^no-process: no process runs/);
  t.match(choose([], 3), /^not-permitted: .* 3 may not be looked at, which takes CAP_SYS_PTRACE/);
  t.match(
    choose([one(5, 1, 80)], 3, [443, 8443]),
    /^5: .*; who listens on ports 443, 8443 may not be looked at$/,
  );
  t.match(choose([one(5, 1, 80)], 3), /^5: .* on port 80$/, "the hidden are elsewhere");
});

void t.test("numbers that were used again while we looked make no endless circle", async (t) => {
  t.match(choose([one(5, 6, 80), one(6, 5, 81)]), /^no-process|^several|^\d/);
});
