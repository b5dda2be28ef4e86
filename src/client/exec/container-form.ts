import { ClientError } from "../errors.ts";

/** Where the command is to run, and what of. */
export interface ContainerPlaces {
  /** The folder with the Dockerfile: magpie's own. */
  readonly source: string;
  /** The user's working directory, which the container gets under the same name. */
  readonly folder: string;
}

/**
 * The same command as one for a Linux container, for a POSIX shell: on other systems Docker and Podman run one in a machine of
 * their own. Targets are those that the container's host has.
 * @param words from behind `magpie` on, as they were written
 */
export function containerForm(words: readonly string[], { source, folder }: ContainerPlaces): string {
  const run = [
    ...["docker", "run", "--rm", "-it", "--pid", "host", "--device", "/dev/fuse"],
    ...["SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_PTRACE"].flatMap((capability) => ["--cap-add", capability]),
    ...["seccomp=unconfined", "apparmor=unconfined"].flatMap((option) => ["--security-opt", option]),
    ...["-v", "/run/netns:/run/netns", "-v", `${folder}:${folder}`, "-w", folder],
    ...["--entrypoint", "magpie", "magpie", ...words],
  ];
  return [`docker build -t magpie ${quoted(source)}`, run.map(quoted).join(" ")].join("\n");
}

/** Says where `exec` runs, and how it runs there; undefined on Linux. */
export function refuseOtherSystems(
  platform: NodeJS.Platform,
  about: ContainerPlaces & { readonly words: readonly string[] },
): ClientError | undefined {
  if (platform === "linux") return undefined;
  return new ClientError(
    "sandbox-unavailable",
    `magpie exec takes a Linux kernel, and this system (${platform}) has another`,
    { hint: `In a container it is this command:\n${containerForm(about.words, about)}` },
  );
}

/** POSIX.1-2017 Shell §2.2.2: between single quotes nothing has a meaning but the quote itself. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
