import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of the page. */
export interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  /** Its name has a hash of what is in it. */
  readonly isHashed: boolean;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** Where the page is built to. */
const builtPage = new URL("../../../../dist/inspector/", import.meta.url);

/**
 * Reads all files of the page: what is asked for later is found by its name among them, so that no path leads elsewhere. Empty
 * where the page has not been built.
 */
export function readPageFiles(directory: string = fileURLToPath(builtPage)): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const entry of entriesOf(directory)) {
    const type = types[extname(entry)];
    if (type === undefined) continue;
    const path = `/${entry.replaceAll("\\", "/")}`;
    files.set(path, {
      bytes: readFileSync(join(directory, entry)),
      type,
      isHashed: /[-.][\w-]{8,}\.\w+$/.test(path),
    });
  }
  const index = files.get("/index.html");
  if (index !== undefined) files.set("/", index);
  return files;
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" });
  } catch {
    return []; // not built
  }
}
