import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { closeDescriptor, descriptorOf, type FuseMount, mountFuse } from "../../../kernel/index.ts";
import { ClientError } from "../../errors.ts";
import { errorText, type HeldMount } from "./held-mount.ts";
import { mountByProgram } from "./mount-by-program.ts";

/**
 * How a mount comes to be: by what root may; in a user namespace of its own, whose kernel knows of no other users; or by
 * fusermount3(1). In this order.
 */
export type MountWay = "privilege" | "user-namespace" | "program";

export interface MadeMount extends FuseMount {
  readonly by: MountWay;
}

/** What fusermount3(1) opens. */
export const USUAL_DEVICE = "/dev/fuse";

/**
 * Makes a FUSE mount that nobody sees, in the first way that is possible. The caller closes both descriptors.
 * @throws ClientError `not-permitted` with the reason of each way; the signal's reason
 */
export async function makeMount(options: {
  readonly devicePath: string;
  readonly ways: readonly MountWay[];
  readonly signal: AbortSignal | undefined;
}): Promise<MadeMount> {
  const { devicePath, signal } = options;
  const reasons: string[] = [];
  for (const by of options.ways) {
    signal?.throwIfAborted();
    try {
      return { by, ...(await makers[by]({ devicePath, signal })) };
    } catch (error) {
      reasons.push(`${WORDS[by]}: ${errorText(error)}`);
    }
  }
  signal?.throwIfAborted();
  throw new ClientError("not-permitted", `the pod's files cannot be mounted (${reasons.join("; ")})`, {
    hint: `It takes ${devicePath}, which this user must be able to open, and user namespaces (unshare(1)) or fusermount3(1); or root.`,
  });
}

const WORDS: Readonly<Record<MountWay, string>> = {
  privilege: "by privilege",
  "user-namespace": "in a user namespace",
  program: "by fusermount3",
};

type Maker = (options: { devicePath: string; signal: AbortSignal | undefined }) => Promise<FuseMount>;

const makers: Readonly<Record<MountWay, Maker>> = {
  privilege: async ({ devicePath }) => {
    if (process.geteuid?.() !== 0) throw new Error("this user is not root");
    return mountFuse({ devicePath, user: 0, group: 0, allowsOthers: true });
  },
  "user-namespace": mountInUserNamespace,
  program: async ({ devicePath, signal }) => {
    if (devicePath !== USUAL_DEVICE) throw new Error(`it uses ${USUAL_DEVICE} only`);
    return await mountByProgram({ signal });
  },
};

async function mountInUserNamespace(options: {
  devicePath: string;
  signal: AbortSignal | undefined;
}): Promise<FuseMount> {
  const program = fileURLToPath(new URL("mount-holder.ts", import.meta.url));
  const command = [
    "--user",
    "--map-root-user",
    "--mount",
    "--",
    process.execPath,
    program,
    options.devicePath,
  ];
  const { signal } = options;
  const holder = spawn("unshare", command, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(signal ? { signal } : {}),
  });
  const ended = once(holder, "exit");
  ended.catch(() => {}); // Told below, where it is waited for.
  try {
    await once(holder, "spawn");
    const { pid } = holder;
    const complaints: string[] = [];
    createInterface({ input: holder.stderr }).on("line", (line) => complaints.push(line));
    for await (const line of createInterface({ input: holder.stdout })) {
      // Our own program writes it.
      const said = JSON.parse(line) as HeldMount;
      if ("error" in said) throw new Error(said.error);
      if (pid !== undefined) return takeOver(pid, said);
    }
    throw new Error(complaints[0] ?? "unshare(1) ended without a word");
  } finally {
    holder.stdin.end();
    holder.stdin.on("error", () => {}); // It may be gone already.
    holder.stdout.destroy();
  }
}

function takeOver(pid: number, held: { device: number; root: number }): FuseMount {
  const device = descriptorOf(pid, held.device);
  try {
    return { device, root: descriptorOf(pid, held.root) };
  } catch (error) {
    closeDescriptor(device);
    throw error;
  }
}
