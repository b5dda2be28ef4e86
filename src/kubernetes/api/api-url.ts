import type { ClusterAccess } from "./cluster-access.ts";

/** A query's names and values; a name with several is repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Where a call of the API goes. */
export function apiUrl({ cluster }: ClusterAccess, about: { path: string; query?: Query | undefined }): URL {
  const url = new URL(cluster.server + about.path);
  for (const [name, value] of Object.entries(about.query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
  }
  return url;
}
