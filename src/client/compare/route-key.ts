import { printed, unpinned } from "./excerpt.ts";
import { limits } from "./limits.ts";

const maxSegmentLength = 64;
const maxMethodCharacters = 40;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * The route a request belongs to: method and path with ids left out, as `GET /users/{number}/orders/{uuid}`. The query
 * does not count. A guess from the look of segments: nobody told us the app's routes.
 */
export function routeKey(request: { method: string; target: string }): string {
  const segments = pathOf(request.target).split("/");
  const shown = segments.slice(0, limits.routeSegments + 1).map(segmentOf);
  if (segments.length > shown.length) shown.push("…");
  return unpinned(`${printed(request.method, maxMethodCharacters)} ${shown.join("/")}`);
}

/** The path of a request-target in origin-form or absolute-form (RFC 9112 §3.2). */
function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  const plain = end === -1 ? target : target.slice(0, end);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(plain);
  return scheme ? plain.slice(scheme[0].length) || "/" : plain;
}

function segmentOf(segment: string): string {
  if (/^\d+$/.test(segment)) return "{number}";
  if (uuid.test(segment)) return "{uuid}";
  // A word such as "facade" is hex too: an id has digits.
  if (segment.length >= 8 && /^[0-9a-f]+$/i.test(segment) && /\d/.test(segment)) return "{hex}";
  const clean = segment.replace(/[\p{Cc}\p{Cf}]/gu, "·");
  return clean.length > maxSegmentLength ? `${clean.slice(0, maxSegmentLength)}…` : clean;
}
