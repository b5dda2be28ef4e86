import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { type CommandOptions, type CommandOutput, runCommand, tryCommand } from "../run-command.ts";

/** Gone after a restart of the machine, as podman's own is. Each store has one of its own. */
function runFolderOf(store: string): string {
  return `/run/magpie-test-podman-${createHash("sha256").update(store).digest("hex").slice(0, 12)}`;
}

/**
 * podman with a store and settings of its own, in the cache folder: images stay between runs, and the user's own podman knows
 * nothing of it. The settings are those that work in a virtual machine without systemd and CAP_SYS_RESOURCE.
 */
export function podmanEnvironment(): Record<string, string> {
  const folder = cacheFolder("podman");
  const runFolder = runFolderOf(folder);
  const configuration = join(folder, "containers.conf");
  const storage = join(folder, "storage.conf");
  writeFileSync(
    configuration,
    [
      "[containers]",
      'default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]',
      "[engine]",
      'runtime = "runc"',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      // What is told apart by these two is its own as well: locks, and whether the machine was started anew.
      'lock_type = "file"',
      `tmp_dir = "${runFolder}/libpod"`,
      "[network]",
      `network_config_dir = "${folder}/networks"`,
      "",
    ].join("\n"),
  );
  writeFileSync(
    storage,
    `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/store"\nrunroot = "${runFolder}/store"\n`,
  );
  return { CONTAINERS_CONF: configuration, CONTAINERS_STORAGE_CONF: storage };
}

/** Runs podman to its end and gives what it printed. @throws Error when it fails */
export function podman(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return runCommand(["podman", ...args], { ...options, env: { ...podmanEnvironment(), ...options.env } });
}

/** The same, with a failure as a value. */
export function tryPodman(args: readonly string[], options: CommandOptions = {}): Promise<CommandOutput> {
  return tryCommand(["podman", ...args], { ...options, env: { ...podmanEnvironment(), ...options.env } });
}

/** Whether its store has an image of this name. */
export async function hasImage(name: string): Promise<boolean> {
  return (await tryPodman(["image", "exists", name])).code === 0;
}
