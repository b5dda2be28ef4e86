import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, mkdtempSync, openSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  closeDescriptor,
  DescriptorChannel,
  type FuseMount,
  openChannelPair,
} from "../../../kernel/index.ts";

/** linux/fcntl.h; Node does not know it. */
const O_PATH = 0o10000000;
const PROGRAM = "fusermount3";
/** Longest wait for a message that was sent before its sender ended. */
const RECEIVE_MS = 1_000;

/**
 * Lets fusermount3(1) mount, which may do so for ordinary users. The folder that it takes is taken off again at once: the mount
 * lives on by its descriptors, and nobody finds it. The caller closes both descriptors.
 * @throws Error with what the program says, or that there is none
 */
export async function mountByProgram(options: { signal: AbortSignal | undefined }): Promise<FuseMount> {
  const folder = mkdtempSync(join(tmpdir(), "magpie-files-"));
  try {
    const device = await openDevice(folder, options.signal);
    let root: number;
    try {
      root = openSync(folder, O_PATH | constants.O_DIRECTORY);
    } catch (error) {
      closeDescriptor(device);
      throw error;
    } finally {
      await run(["-u", "-z", "--", folder], { stdio: "ignore" });
    }
    return { device, root };
  } finally {
    rmdirSync(folder);
  }
}

/** The program sends the device's descriptor on a socket whose number the environment names. */
async function openDevice(folder: string, signal: AbortSignal | undefined): Promise<number> {
  const [ours, theirs] = openChannelPair();
  using channel = new DescriptorChannel(ours);
  try {
    await run(["-o", "fsname=magpie,nosuid,nodev", "--", folder], {
      stdio: theirs,
      signal,
      env: { _FUSE_COMMFD: "3" },
    });
  } finally {
    closeDescriptor(theirs);
  }
  const [device] = channel.receiveWithin(RECEIVE_MS)?.descriptors ?? [];
  if (device === undefined) throw new Error(`${PROGRAM} gave no descriptor`);
  return device;
}

/** @throws Error when it does not end with 0 */
async function run(
  words: readonly string[],
  options: {
    stdio: number | "ignore";
    signal?: AbortSignal | undefined;
    env?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { stdio, signal, env } = options;
  const child: ChildProcess = spawn(PROGRAM, words, {
    stdio: ["ignore", "ignore", "pipe", stdio],
    env: { ...process.env, ...env },
    ...(signal ? { signal } : {}),
  });
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(0, 1000);
  });
  const [code]: unknown[] = await once(child, "close");
  if (code !== 0) throw new Error(complaint.trim() || `${PROGRAM} ended with ${String(code)}`);
}
