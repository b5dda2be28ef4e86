import { beginMagpie } from "../fixtures/magpie-command.ts";
import type { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import type { Proc } from "../fixtures/proc.ts";
import type { Shop } from "../fixtures/shop.ts";
import { until } from "../fixtures/until.ts";
import { type Cell, type Feature, pod } from "./cell.ts";

export type SandboxMode = "namespace" | "seccomp";

/** What came of one cell. */
export type Result =
  | { readonly outcome: "works" }
  | { readonly outcome: "fails"; readonly why: string }
  | { readonly outcome: "cannot"; readonly why: string };

/** Longer than any of them needs on a slow machine. */
const timeoutMs = 20_000;

/** Runs one program under `exec` for one feature, and looks at what it does. */
export async function runCell(
  cell: Cell,
  about: {
    readonly feature: Feature;
    readonly sandbox: SandboxMode;
    readonly shop: Shop;
    readonly runtimeDirectory: RuntimeDirectory;
  },
): Promise<Result> {
  if ("cannot" in cell) return { outcome: "cannot", why: cell.cannot };
  const { feature, sandbox, shop, runtimeDirectory } = about;
  const target = `netns:${shop.pod("storefront").name}`;
  const incoming = feature === "incoming" ? ["--steal"] : ["--no-incoming"];
  const flags = ["exec", "--target", target, "--sandbox", sandbox, ...incoming];
  await using proc = await beginMagpie(runtimeDirectory, [...flags, "--", ...cell.command]);
  const ended = proc.exited.then(({ code, signal }) => code ?? signal);
  try {
    if (feature === "incoming") return await asked(shop, { text: cell.says ?? "", proc });
    const code = await Promise.race([ended, elapsed()]);
    const said = proc.stdout.join("\n");
    if (code !== (cell.exits ?? 0)) return fails(`ended with ${code}`, proc.output());
    if (cell.says !== undefined && !said.includes(cell.says))
      return fails(`does not say ${cell.says}`, proc.output());
    return { outcome: "works" };
  } catch (error) {
    return fails(String(error), proc.output());
  }
}

/** A caller in the cluster asks the pod until the program answers. */
async function asked(shop: Shop, about: { text: string; proc: Proc }): Promise<Result> {
  const { text, proc } = about;
  const url = `http://${shop.pod("storefront").address4}:${pod.incoming}/`;
  const answers = async (): Promise<boolean> => {
    const { stdout } = await shop.pod("client").run("curl", "-s", "-m", "2", url);
    return stdout.includes(text);
  };
  await until(async () => !proc.running || (await answers()), {
    what: "an answer of the program",
    timeoutMs,
  });
  return proc.running ? { outcome: "works" } : fails("the program has ended", proc.output());
}

async function elapsed(): Promise<never> {
  return await new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not over after ${timeoutMs} ms`)), timeoutMs).unref();
  });
}

function fails(why: string, output: string): Result {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return { outcome: "fails", why: [why, ...lines.slice(-4)].join("\n    ") };
}
