import { NftError } from "./errors.ts";
import { checkedAddress, checkedMark, checkedName, checkedPort, checkedWord } from "./value.ts";

const VERDICTS = ["accept", "drop", "return", "continue"] as const;
const REJECTIONS = ["tcp reset", "icmpx port-unreachable", "icmpx admin-prohibited"] as const;

/** What a rule does with a packet that all matches before it let through (nft(8), "STATEMENTS"). */
export type Statement =
  /** Counts packets and bytes; `list` shows them. */
  | { readonly counter: true }
  | { readonly verdict: (typeof VERDICTS)[number] }
  | { readonly jump: string }
  | { readonly goto: string }
  /** Answers the sender; `tcp reset` needs a tcp match before it. */
  | { readonly reject: (typeof REJECTIONS)[number] }
  /** Marks the packet or the connection, with a number or with the other's mark. */
  | { readonly set: "meta mark"; readonly to: number | "ct mark" }
  | { readonly set: "ct mark"; readonly to: number | "meta mark" }
  /**
   * Gives the packet to a transparent listener, nothing in the packet is changed. No such listener: the rule does not match
   * and the packet goes on. Needs a match of `nfproto` and of a port before it. Without an address: a listener on any address.
   */
  | { readonly tproxy: "ip" | "ip6"; readonly address?: string; readonly port: number }
  /** NAT to a port of the host itself; only in `nat` chains, and after a match of a port or of l4proto. */
  | { readonly redirect: number };

/** The statement in nft's own syntax. @throws NftError `invalid-value` for a value that may not stand there. */
export function renderStatement(statement: Statement): string {
  if ("counter" in statement) return "counter";
  if ("verdict" in statement) return checkedWord("verdict", statement.verdict, VERDICTS);
  if ("jump" in statement) return `jump ${checkedName(statement.jump)}`;
  if ("goto" in statement) return `goto ${checkedName(statement.goto)}`;
  if ("reject" in statement) return `reject with ${checkedWord("rejection", statement.reject, REJECTIONS)}`;
  if ("tproxy" in statement) return renderTproxy(statement);
  if ("redirect" in statement) return `redirect to :${checkedPort(statement.redirect)}`;
  if ("set" in statement) {
    const field = checkedWord("mark", statement.set, ["meta mark", "ct mark"]);
    const { to } = statement;
    return `${field} set ${typeof to === "number" ? checkedMark(to) : checkedWord("mark", to, ["meta mark", "ct mark"])}`;
  }
  throw new NftError("invalid-value", `no such statement: ${JSON.stringify(statement)}`);
}

function renderTproxy(statement: Extract<Statement, { tproxy: string }>): string {
  const port = checkedPort(statement.port);
  const version = checkedWord("tproxy family", statement.tproxy, ["ip", "ip6"]) === "ip" ? 4 : 6;
  if (statement.address === undefined) return `tproxy ${statement.tproxy} to :${port}`;
  const address = checkedAddress(statement.address, version);
  return `tproxy ${statement.tproxy} to ${version === 4 ? address : `[${address}]`}:${port}`;
}
