import type { Answer } from "./answer.ts";
import { compareBytes, describe, hashed, type HashedBytes } from "./compare-bytes.ts";
import { compareGrpc } from "./compare-grpc.ts";
import { compareJson } from "./compare-json.ts";
import { compareLines, hasFewLines } from "./compare-lines.ts";
import { both, type ComparingTools, type Pair } from "./comparing-tools.ts";
import { codingsOf, decodeContent } from "./content-decoding.ts";
import type { BodyKind, DifferenceKind } from "./difference.ts";
import { fieldValues, type MediaType, mediaTypeOf } from "./media-type.ts";
import { parseJsonText } from "./parse-json.ts";
import { looksLikeText, textOf } from "./text-of.ts";

/** How two bodies were compared, and whether something of them was too large to be. */
export interface ComparedBodies {
  readonly kind: BodyKind;
  readonly isTooLarge: boolean;
}

interface Content {
  readonly body: HashedBytes;
  readonly type: MediaType;
}

/** Compares the bodies of two complete answers, by what their Content-Types say they are and what both turn out to be. */
export function compareBodies(answers: Pair<Answer>, tools: ComparingTools): ComparedBodies {
  const types = both(answers, (answer) => mediaTypeOf(answer.headers));
  const codings = both(answers, (answer) => codingsOf(fieldValues(answer.headers, "content-encoding")));
  const { original, local } = both(answers, (answer) => answer.body);
  if (original.totalBytes === 0 && local.totalBytes === 0) return { kind: "none", isTooLarge: false };
  if (codings.original.join() === codings.local.join() && original.sha256 === local.sha256)
    return { kind: kindOf(types.original), isTooLarge: false };
  if (types.original.kind === "grpc" && types.local.kind === "grpc") {
    const bodies = both(answers, ({ body, headers }) => ({
      body,
      encoding: codingsOf(fieldValues(headers, "grpc-encoding"))[0] ?? "",
    }));
    return { kind: "grpc", isTooLarge: compareGrpc(bodies, tools) === "too-large" };
  }
  const contents = both(answers, ({ body }, side) => ({ body, type: types[side] }));
  if (original.isTruncated || local.isTruncated)
    return compareParts(contents, codings.original.length + codings.local.length > 0, tools);
  return compareDecoded(contents, codings, tools);
}

/** Of a body that was not kept whole only length and hash are known: they settle it where every byte counts. */
function compareParts(contents: Pair<Content>, isCoded: boolean, tools: ComparingTools): ComparedBodies {
  const { original, local } = contents;
  const isOneEmpty = original.body.totalBytes === 0 || local.body.totalBytes === 0;
  const meansMore = isCoded || tools.rules.looksAtLines || wantsJson(contents);
  if (meansMore && !isOneEmpty) return { kind: "unread", isTooLarge: true };
  compareBytes(
    both(contents, ({ body }) => body),
    tools,
  );
  return { kind: "bytes", isTooLarge: false };
}

function compareDecoded(
  contents: Pair<Content>,
  codings: Pair<readonly string[]>,
  tools: ComparingTools,
): ComparedBodies {
  const decoded = both(contents, ({ body }, side) => decodeContent(body.bytes, codings[side]));
  const { original, local } = decoded;
  const isTooLarge = [original, local].some((one) => "fault" in one && one.fault === "too-large");
  if (isTooLarge) return { kind: "unread", isTooLarge };
  if ("fault" in original || "fault" in local) {
    tools.note("the content-encoding could not be undone: compared as the bytes that were sent");
    compareBytes(
      both(contents, ({ body }) => body),
      tools,
    );
    return { kind: "bytes", isTooLarge: false };
  }
  const plain = {
    original: { body: hashed(original.bytes), type: contents.original.type },
    local: { body: hashed(local.bytes), type: contents.local.type },
  };
  return { kind: comparePlain(plain, tools), isTooLarge: false };
}

function comparePlain(contents: Pair<Content>, tools: ComparingTools): BodyKind {
  const { original, local } = both(contents, ({ body }) => body);
  if (original.sha256 === local.sha256) return kindOf(contents.original.type);
  const texts = both(contents, ({ body, type }) =>
    isTextual(type, body) ? textOf(body.bytes, type.charset) : undefined,
  );
  const wanted = wantsJson(contents);
  if (texts.original === undefined || texts.local === undefined) {
    if (wanted) tools.note("a JSON body is no text of its charset: compared as bytes");
    compareBytes({ original, local }, tools);
    return "bytes";
  }
  const pair = { original: texts.original, local: texts.local };
  if (original.totalBytes === 0 || local.totalBytes === 0) {
    addWhole(original.totalBytes === 0 ? "only-in-local" : "only-in-original", pair, tools);
    return "lines";
  }
  if (wanted && compareAsJson(pair, tools)) return "json";
  if (hasFewLines(pair.original) && hasFewLines(pair.local)) {
    compareLines(pair, tools);
    return "lines";
  }
  tools.note("a text has too many lines: compared as bytes");
  compareBytes({ original, local }, tools);
  return "bytes";
}

/** False when they must be compared as text after all. */
function compareAsJson(texts: Pair<string>, tools: ComparingTools): boolean {
  const parsed = both(texts, (text) => parseJsonText(text.startsWith("\uFEFF") ? text.slice(1) : text));
  const { original, local } = parsed;
  if (!("fault" in original) && !("fault" in local)) {
    for (const side of ["original", "local"] as const)
      for (const key of side === "original" ? original.repeatedKeys : local.repeatedKeys)
        tools.note(
          `the ${side} body repeats the key ${tools.secrets.text(JSON.stringify(key))}: its last value counts`,
        );
    compareJson({ original: original.value, local: local.value }, texts, tools);
    return true;
  }
  for (const [side, result] of [
    ["original", original],
    ["local", local],
  ] as const)
    if ("fault" in result && result.fault !== "syntax")
      tools.note(
        `the ${side} body is JSON ${result.fault === "too-deep" ? "too deep" : "too large"} to be read: compared as text`,
      );
  const faults = [original, local].filter((one) => "fault" in one && one.fault === "syntax").length;
  if (faults === 2) tools.note("both bodies say they are JSON and are none: compared as text");
  if (faults !== 1 || ("fault" in original && "fault" in local)) return false;
  addWhole("kind", texts, tools);
  return true;
}

/** One difference for all of two bodies that have nothing in common. */
function addWhole(kind: DifferenceKind, texts: Pair<string>, tools: ComparingTools): void {
  const shown = (text: string) =>
    text === "" ? describe(hashed(Buffer.alloc(0)), undefined) : tools.secrets.text(text);
  tools.list.add({
    kind,
    place: { at: "body" },
    original: kind === "only-in-local" ? undefined : () => shown(texts.original),
    local: kind === "only-in-original" ? undefined : () => shown(texts.local),
    rule: tools.rules.body(),
  });
}

/** Said by either, or both look like it and neither says otherwise. */
function wantsJson(contents: Pair<Content>): boolean {
  const kinds = [contents.original.type.kind, contents.local.type.kind];
  if (kinds.includes("json")) return true;
  const mayBe = kinds.every((kind) => kind === "text" || kind === "unknown");
  return (
    mayBe && [contents.original.body, contents.local.body].every(({ bytes }) => /^\s*[[{]/.test(begin(bytes)))
  );
}

function begin(bytes: Buffer): string {
  return bytes.toString("latin1", 0, 64);
}

function isTextual(type: MediaType, body: HashedBytes): boolean {
  if (type.kind === "unknown") return looksLikeText(body.bytes);
  return type.kind !== "bytes" && type.kind !== "grpc";
}

function kindOf(type: MediaType): BodyKind {
  if (type.kind === "json" || type.kind === "grpc") return type.kind;
  return type.kind === "text" || type.kind === "lines" ? "lines" : "bytes";
}
