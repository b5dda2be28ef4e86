import { Fields, type RequestHead } from "../../http/index.ts";

/** A head with as many of its first fields as `maxBytes` have room for. */
export function cutHead(
  { method, target, version, authority, fields }: RequestHead,
  maxBytes: number,
): RequestHead {
  const pairs: [string, string][] = [];
  let bytes = target.length;
  for (let index = 0; index < fields.count; index++) {
    const name = fields.name(index);
    const value = fields.value(index);
    bytes += name.length + value.length + 4;
    if (bytes > maxBytes) break;
    pairs.push([name, value]);
  }
  return { method, target: target.slice(0, maxBytes), version, authority, fields: Fields.fromPairs(pairs) };
}
