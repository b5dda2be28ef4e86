import { type Command, Option } from "commander";
import type { WrittenFileRules } from "../../files/index.ts";
import { collect } from "./collect.ts";

/** The flags that say where paths lead, as they were written; commander leaves `file` out when there is none. */
export interface FileFlags {
  readonly file?: readonly string[];
  readonly fs: WrittenFileRules["fs"];
}

/** Adds the flags. */
export function addFileOptions(command: Command): Command {
  return command
    .option(
      "--file <mode:path>",
      "where a path leads: read (the pod's), read-write, local (yours) or absent; repeatable",
      collect,
    )
    .addOption(
      new Option("--fs <mode>", "where paths lead that no rule names")
        .choices(["read", "read-write", "local"])
        .default("read"),
    );
}

/** What every command says about the rules. */
export const fileRulesText = `
Of --file rules the first that fits a path decides. What fits a folder fits all that lies in it. In a path, * is any run of
characters within a name, ** any run across folders, ~ your home; /srv/. is the folder alone. Behind your rules stands a list
that is built in: what programs need in order to run here is yours (/proc, /sys, /dev, /tmp, /usr, /lib, /opt, your home, the
folder and project where the program is started, users, the dynamic linker's and the languages' own files in /etc).
Links are followed where they stand: in the pod by the pod's files, here by yours. A listing of a folder is that of the side
which the folder itself belongs to.`;
