/** Which statuses fit, both ends included. */
export interface StatusTest {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const minStatus = 100;
const maxStatus = 999;

/** Reads `200`, `2xx`, `<500`, `<=499`, `>=400`, `>399` or `200-299`; undefined for anything else. */
export function parseStatusTest(written: string): StatusTest | undefined {
  const text = written.trim().toLowerCase();
  const family = /^([1-9])xx$/.exec(text)?.[1];
  if (family !== undefined) return { text, from: Number(family) * 100, to: Number(family) * 100 + 99 };
  const parts = /^(?<sign>>=|<=|==?|>|<)?(?<first>[1-9]\d\d)(?:-(?<last>[1-9]\d\d))?$/.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const first = Number(parts["first"]);
  const { sign, last } = parts;
  if (last !== undefined) {
    const to = Number(last);
    return sign === undefined && to >= first ? { text, from: first, to } : undefined;
  }
  switch (sign) {
    case "<":
      return first === minStatus ? undefined : { text, from: minStatus, to: first - 1 };
    case "<=":
      return { text, from: minStatus, to: first };
    case ">":
      return { text, from: first + 1, to: maxStatus };
    case ">=":
      return { text, from: first, to: maxStatus };
    default:
      return { text: String(first), from: first, to: first };
  }
}

export function fitsStatus({ from, to }: StatusTest, status: number): boolean {
  return status >= from && status <= to;
}
