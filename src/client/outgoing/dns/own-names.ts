import { readFile, stat } from "node:fs/promises";
import type { Endpoint } from "../../../kernel/index.ts";
import { bytesOfAddress, canonicalName, parseAddress } from "../rules/index.ts";
import { readHosts } from "./hosts-file.ts";
import { nameServersOf } from "./resolv-conf.ts";

/** What this machine knows of names: its own files, as they are at the moment. */
export class OwnNames {
  readonly #resolvConf: string;
  readonly #hosts: string;
  /** What was read of /etc/hosts, and of which state of it. */
  #read: { readonly state: string; readonly addresses: ReadonlyMap<string, readonly string[]> } | undefined;

  constructor(paths: { resolvConf?: string; hosts?: string } = {}) {
    this.#resolvConf = paths.resolvConf ?? "/etc/resolv.conf";
    this.#hosts = paths.hosts ?? "/etc/hosts";
  }

  /** Its name servers: at least one. They may change at any time, as those of a laptop do. */
  async servers(): Promise<readonly Endpoint[]> {
    return nameServersOf(await readFile(this.#resolvConf).catch(() => null));
  }

  /**
   * Addresses that its /etc/hosts gives for the first of these names that is in there: each as 4 or 16 bytes. Empty when it has
   * none of this family; undefined when no name is in it.
   */
  async addressesOf(names: readonly string[], family: 4 | 6): Promise<readonly Buffer[] | undefined> {
    const known = await this.#known();
    const name = names.find((name) => known.has(canonicalName(name)));
    if (name === undefined) return undefined;
    return (known.get(canonicalName(name)) ?? []).flatMap((text) => {
      const address = parseAddress(text);
      return address?.family === family ? [bytesOfAddress(address)] : [];
    });
  }

  async #known(): Promise<ReadonlyMap<string, readonly string[]>> {
    // A file that cannot be read says nothing, as for libc.
    const found = await stat(this.#hosts, { bigint: true }).catch(() => undefined);
    if (found === undefined) return new Map();
    const state = `${found.dev}:${found.ino}:${found.mtimeNs}:${found.size}`;
    if (this.#read?.state === state) return this.#read.addresses;
    const addresses = new Map<string, string[]>();
    for (const { address, names } of readHosts(await readFile(this.#hosts).catch(() => Buffer.alloc(0))))
      for (const name of names.map(canonicalName)) {
        const known = addresses.get(name);
        if (known === undefined) addresses.set(name, [address]);
        else known.push(address);
      }
    this.#read = { state, addresses };
    return addresses;
  }
}
