import { Command } from "commander";
import { bindings, type ConfigFile, variableOf } from "../../config/index.ts";
import type { ExecFlags } from "../../exec/index.ts";
import type { MirrorFlags } from "../../mirror/index.ts";
import type { StealFlags } from "../../steal/index.ts";
import { execCommand } from "../commands/exec.ts";
import { mirrorCommand } from "../commands/mirror.ts";
import { stealCommand } from "../commands/steal.ts";
import { applySettings } from "./apply-settings.ts";

/** The flags of the commands that hold a session. */
export interface SessionFlagsOfFile {
  readonly steal: Omit<StealFlags, "program">;
  readonly mirror: Omit<MirrorFlags, "program">;
  readonly exec: Omit<ExecFlags, "program">;
}

/**
 * Gives the flags that a command has by a file alone: neither the command line nor a variable says anything. Problems that are
 * told afterwards name their places in that file.
 * @throws SettingsRefused
 */
export async function flagsOfFile<Name extends keyof SessionFlagsOfFile>(
  name: Name,
  about: { file: ConfigFile; profile: string | undefined; environment: NodeJS.ProcessEnv; folder: string },
): Promise<SessionFlagsOfFile[Name]> {
  const { file, profile, environment, folder } = about;
  const root = new Command("magpie").exitOverride();
  const found: Partial<SessionFlagsOfFile> = {};
  const keep =
    <Key extends keyof SessionFlagsOfFile>(key: Key) =>
    (flags: SessionFlagsOfFile[Key]) => {
      found[key] = flags;
      return Promise.resolve();
    };
  root.addCommand(stealCommand(root, keep("steal")));
  root.addCommand(mirrorCommand(root, keep("mirror")));
  root.addCommand(execCommand(root, keep("exec")));
  const own = new Set([...bindings.map(variableOf), "MAGPIE_CONFIG", "MAGPIE_PROFILE"]);
  const others = Object.entries(environment).filter(([variable]) => !own.has(variable));
  root.hook("preAction", async (_root, action) => {
    await applySettings(action, { environment: Object.fromEntries(others), folder });
  });
  const words = [name, "--config", file.path, ...(profile === undefined ? [] : ["--profile", profile])];
  await root.parseAsync(words, { from: "user" });
  const flags = found[name];
  if (flags === undefined) throw new Error(`${name} was not run`);
  return flags;
}
