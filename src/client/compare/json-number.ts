/**
 * The value of a JSON number as a text that is the same for the same value and for no other: `1.50`, `15e-1` and `1.5`
 * are one, 12345678901234567890 and …891 are two. Nothing is rounded. `text` must be a number of RFC 8259 §6.
 */
export function numberValue(text: string): string {
  const negative = text.startsWith("-");
  const mark = exponentMark(text);
  const mantissa = text.slice(negative ? 1 : 0, mark);
  const dot = mantissa.indexOf(".");
  const digits = dot === -1 ? mantissa : mantissa.slice(0, dot) + mantissa.slice(dot + 1);
  let start = 0;
  while (digits.charCodeAt(start) === zero) start++;
  let end = digits.length;
  while (end > start && digits.charCodeAt(end - 1) === zero) end--;
  if (start === end) return "0"; // -0 is 0 by value
  const fraction = dot === -1 ? 0 : mantissa.length - dot - 1;
  const moved = digits.length - end - fraction;
  return `${negative ? "-" : ""}${digits.slice(start, end)}e${exponent(text.slice(mark + 1), moved)}`;
}

const zero = 48;

function exponentMark(text: string): number {
  const lower = text.indexOf("e");
  const upper = lower === -1 ? text.indexOf("E") : lower;
  return upper === -1 ? text.length : upper;
}

function exponent(text: string, moved: number): string {
  const plain = text.startsWith("+") ? text.slice(1) : text;
  // BigInt is exact; beyond a thousand digits it would take too long, and nobody writes such a number by accident.
  if (plain.length > 1_000) return `${plain}+${moved}`;
  return String(BigInt(plain === "" ? 0 : plain) + BigInt(moved));
}
