import { restoreText } from "./iptables-text.ts";

const CHAIN = /MAGPIE-(\d+_[0-9a-f]+)-(?:PRE|OUT|TO|IN)(?![\w-])/;

/** A lease may be at its end while its owner is only slow; wait a little longer before calling it dead. */
const GRACE_MS = 3000;

/** A table as iptables-save(8) prints it. */
export type SavedTables = Readonly<Record<"nat" | "filter", string>>;

/** The redirectors whose chains are there, each with the end of its lease; 0 when no rule has one. */
export function leasesIn(saved: SavedTables): Map<string, { endsAtMs: number }> {
  const leases = new Map<string, { endsAtMs: number }>();
  for (const line of `${saved.nat}\n${saved.filter}`.split("\n")) {
    const id = CHAIN.exec(line)?.[1];
    if (id === undefined) continue;
    const lastSecond = /--datestop (\S+)/.exec(line)?.[1];
    const endsAtMs = lastSecond === undefined ? 0 : Date.parse(`${lastSecond}Z`) + 1000;
    leases.set(id, { endsAtMs: Math.max(endsAtMs, leases.get(id)?.endsAtMs ?? 0) });
  }
  return leases;
}

/** The redirectors whose lease is over for good. */
export function deadIn(saved: SavedTables, nowMs: number): string[] {
  const dead = [...leasesIn(saved)].filter(([, { endsAtMs }]) => endsAtMs + GRACE_MS < nowMs);
  return dead.map(([id]) => id);
}

/** The text that removes these redirectors' chains and all jumps to them; "" when there is nothing to remove. */
export function removalText(saved: SavedTables, ids: readonly string[]): string {
  const isOurs = (text: string) => ids.includes(CHAIN.exec(text)?.[1] ?? "");
  const tables: { nat?: string[]; filter?: string[] } = {};
  for (const table of ["nat", "filter"] as const) {
    const lines = saved[table].split("\n");
    const chains = lines
      .filter((line) => line.startsWith(":") && isOurs(line))
      .map((line) => line.slice(1).split(" ")[0] ?? "");
    // A rule of somebody else's chain that leads to one of ours; rules of our own chains go with the flush.
    const jumps = lines.filter(
      (line) => line.startsWith("-A ") && isOurs(line) && !isOurs(line.split(" ")[1] ?? ""),
    );
    const removal = [
      ...jumps.map((line) => line.replace("-A", "-D")),
      ...chains.map((chain) => `-F ${chain}`),
      ...chains.map((chain) => `-X ${chain}`),
    ];
    if (removal.length > 0) tables[table] = removal;
  }
  return restoreText(tables);
}
