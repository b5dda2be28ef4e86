import { readFileSync } from "node:fs";

/** What the storefront is told by its file. */
export interface Settings {
  readonly greeting: string;
  /** Where orders are announced. */
  readonly topic: string;
}

/** Where the file is, unless SHOP_SETTINGS says otherwise. */
const defaultPath = "/etc/shop/settings.json";

/** Reads the file anew, so that a changed one counts from the next request on. */
export function readSettings(): Settings {
  const path = process.env["SHOP_SETTINGS"] ?? defaultPath;
  // The file is the shop's own, and an example need not doubt it.
  return JSON.parse(readFileSync(path, "utf8")) as Settings;
}
