import type { Ambiguity } from "./ambiguity.ts";
import { MAX_FIELDS } from "./limits.ts";

/** Room for the marks of the longest head taken. A scanner that keeps nothing may use one for all its heads. */
export function newMarks(): Int32Array {
  return new Int32Array(4 * MAX_FIELDS);
}

/** What field lines say about framing and about the connection. Filled by {@link scanFieldLines}; reused. */
export interface FieldFacts {
  count: number;
  contentLengthIndex: number;
  transferEncodingIndex: number;
  hostIndex: number;
  /** Some `Connection` field is there: read it for `close`, `keep-alive` and `upgrade`. */
  hasConnection: boolean;
  hasUpgrade: boolean;
  hasExpect: boolean;
  ambiguity: Ambiguity | undefined;
}

/** An empty record for {@link scanFieldLines}. */
export function newFieldFacts(): FieldFacts {
  return {
    count: 0,
    contentLengthIndex: -1,
    transferEncodingIndex: -1,
    hostIndex: -1,
    hasConnection: false,
    hasUpgrade: false,
    hasExpect: false,
    ambiguity: undefined,
  };
}

const CR = 13;
const LF = 10;
const COLON = 58;

/** RFC 9110 §5.6.2: the characters of a token. */
const TOKEN = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TOKEN[character.charCodeAt(0)] = 1;
}

/** Whether a character code may stand in a method or a field name (RFC 9110 §5.6.2). */
export function isTokenCode(code: number): boolean {
  return TOKEN[code] === 1;
}

/**
 * Walks the field lines between `from` and `end` (the offset of the empty line), writes their marks and notes what
 * decides framing. Stops at the first ambiguity. Costs one look at each character and allocates nothing.
 */
export function scanFieldLines(
  text: string,
  from: number,
  end: number,
  marks: Int32Array,
  facts: FieldFacts,
): void {
  facts.count = 0;
  facts.contentLengthIndex = -1;
  facts.transferEncodingIndex = -1;
  facts.hostIndex = -1;
  facts.hasConnection = false;
  facts.hasUpgrade = false;
  facts.hasExpect = false;
  facts.ambiguity = undefined;
  let at = from;
  let count = 0;
  while (at < end) {
    if (count === MAX_FIELDS) return fail(facts, "too-many-fields");
    const nameStart = at;
    let code = text.charCodeAt(at);
    while (TOKEN[code] === 1) code = text.charCodeAt(++at);
    if (code !== COLON || at === nameStart) return fail(facts, whyNotAName(text, at, nameStart));
    const nameEnd = at++;
    code = text.charCodeAt(at);
    while (code === 32 || code === 9) code = text.charCodeAt(++at);
    const valueStart = at;
    while (code > CR || (code > 0 && code !== CR && code !== LF)) code = text.charCodeAt(++at);
    if (code === 0) return fail(facts, "nul-byte");
    if (code !== CR || text.charCodeAt(at + 1) !== LF) return fail(facts, "bare-cr-or-lf");
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1))) valueEnd--;
    const mark = count * 4;
    marks[mark] = nameStart;
    marks[mark + 1] = nameEnd;
    marks[mark + 2] = valueStart;
    marks[mark + 3] = valueEnd;
    noteField(text, nameStart, nameEnd - nameStart, count, facts);
    if (facts.ambiguity !== undefined) return;
    count++;
    at += 2;
  }
  facts.count = count;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function fail(facts: FieldFacts, ambiguity: Ambiguity): void {
  facts.ambiguity = ambiguity;
}

function whyNotAName(text: string, at: number, lineStart: number): Ambiguity {
  const code = text.charCodeAt(at);
  if (code === 32 || code === 9) return at === lineStart ? "folded-field-line" : "blank-before-colon";
  return faultAt(text, at, "malformed-field-line");
}

/** Why a line cannot go on at this offset: a character that is never allowed, or else `otherwise`, at a proper end too. */
export function faultAt(text: string, at: number, otherwise: Ambiguity): Ambiguity {
  const code = text.charCodeAt(at);
  if (code === CR && text.charCodeAt(at + 1) === LF) return otherwise;
  if (code === CR || code === LF) return "bare-cr-or-lf";
  return code === 0 ? "nul-byte" : otherwise;
}

function noteField(text: string, start: number, length: number, index: number, facts: FieldFacts): void {
  switch (length) {
    case 4:
      if (!isName(text, start, "host")) return;
      if (facts.hostIndex !== -1) facts.ambiguity = "repeated-host";
      facts.hostIndex = index;
      return;
    case 6:
      if (isName(text, start, "expect")) facts.hasExpect = true;
      return;
    case 7:
      if (isName(text, start, "upgrade")) facts.hasUpgrade = true;
      return;
    case 10:
      if (isName(text, start, "connection")) facts.hasConnection = true;
      return;
    case 14:
      if (!isName(text, start, "content-length")) return;
      if (facts.contentLengthIndex !== -1) facts.ambiguity = "repeated-content-length";
      facts.contentLengthIndex = index;
      return;
    case 17:
      if (!isName(text, start, "transfer-encoding")) return;
      if (facts.transferEncodingIndex !== -1) facts.ambiguity = "unsupported-transfer-encoding";
      facts.transferEncodingIndex = index;
      return;
    default:
  }
}

/** ASCII case folding is enough: a name is a token, and no letter of these names has another partner. */
function isName(text: string, start: number, lowerName: string): boolean {
  for (let index = 0; index < lowerName.length; index++) {
    if ((text.charCodeAt(start + index) | 32) !== lowerName.charCodeAt(index)) return false;
  }
  return true;
}
