import type { BodySide, Row } from "../../page-contract.ts";

/** The name under which a body is saved. */
export function bodyFileName(row: Row, side: BodySide, type: string): string {
  const last =
    row.path
      .replace(/[?#].*$/s, "")
      .split("/")
      .at(-1) ?? "";
  const name = last.replace(/[^\w.-]/g, "_").slice(-60) || `request-${row.id}`;
  if (/\.\w{1,5}$/.test(name) && side !== "request") return name;
  return `${name}-${side}.${endings[type] ?? (type.startsWith("text/") ? "txt" : "bin")}`;
}

const endings: Record<string, string> = {
  "application/json": "json",
  "text/html": "html",
  "text/css": "css",
  "text/javascript": "js",
  "text/csv": "csv",
  "application/xml": "xml",
  "application/pdf": "pdf",
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/svg+xml": "svg",
};
