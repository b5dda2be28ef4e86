/**
 * The token of this page's URL. It stays in the URL, so that reloading works; requests carry it in a field, downloads in their
 * own URL.
 */
export function tokenOf(location: Location): string {
  const inQuery = new URLSearchParams(location.search).get("token");
  return inQuery ?? new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
}
