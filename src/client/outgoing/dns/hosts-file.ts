import { ipVersion } from "../../../protocol/index.ts";
/** A line of hosts(5). */
export interface HostsEntry {
  /** A literal, without zone. */
  readonly address: string;
  readonly names: readonly string[];
}

/** Lists of names to be blocked, which some keep in it, have a few MB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads hosts(5): an address and names a line; `#` begins a comment. What is no address is passed over, as resolvers do. */
export function readHosts(file: Buffer): HostsEntry[] {
  return hostsLines(file).flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
}

/** Lines as they are, in bytes as latin-1 and with their ends, and what each says. */
export function hostsLines(
  file: Buffer,
): { readonly text: string; readonly entry: HostsEntry | undefined }[] {
  const lines = file.toString("latin1", 0, MAX_BYTES).match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.map((text) => {
    const [address = "", ...names] = text
      .replace(/#.*/s, "")
      .trim()
      .split(/[ \t\r]+/);
    const literal = address.replace(/%.*/s, "");
    const isEntry = ipVersion(literal) !== 0 && names.length > 0;
    return { text, entry: isEntry ? { address: literal, names } : undefined };
  });
}
