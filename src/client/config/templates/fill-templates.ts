import type { ConfigNode, ConfigScalar, Fault } from "../document/index.ts";
import { readTemplates, type TemplateSlot } from "./template.ts";
import type { TemplateNames } from "./template-names.ts";

/** Fills in the templates of all texts of a tree; names of fields are left as they are. `text` is what the tree was read of. */
export function fillTemplates(
  root: ConfigNode,
  { names, text }: { names: TemplateNames; text: string },
): { readonly root: ConfigNode; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const fill = (node: ConfigNode): ConfigNode => {
    if (node.kind === "list") return { ...node, items: node.items.map(fill) };
    if (node.kind === "object")
      return { ...node, members: node.members.map((member) => ({ ...member, value: fill(member.value) })) };
    return typeof node.value === "string" && node.value.includes("{{") ? filled(node, node.value) : node;
  };
  const filled = (node: ConfigScalar, value: string): ConfigNode => {
    const place = placeIn(node, { value, text });
    const { parts, fault } = readTemplates(value);
    if (fault !== undefined) {
      faults.push({ message: fault.message, hint: fault.hint, span: place(fault) });
      return node;
    }
    let whole = "";
    const filledWith: string[] = [];
    for (const part of parts) {
      if ("text" in part) whole += part.text;
      else {
        filledWith.push(part.name);
        whole += valueOf(part, place) ?? "";
      }
    }
    return { ...node, value: whole, filledWith };
  };
  const valueOf = (slot: TemplateSlot, place: Place): string | undefined => {
    const found = names(slot.name);
    if ("value" in found) return found.value;
    if ("missing" in found && slot.fallback !== undefined) return slot.fallback;
    const message = "missing" in found ? found.missing : found.unknown;
    faults.push({ message, hint: found.hint, span: place(slot) });
    return undefined;
  };
  return { root: fill(root), faults };
}

type Place = (part: { readonly begin: number; readonly end: number }) => Fault["span"];

/** Gives the place in a file of a part of a text's value. */
export function placeIn(node: ConfigScalar, about: { value: string; text: string }): Place {
  const { begin, end } = node.span;
  const at = about.text.slice(begin, end).indexOf(about.value);
  // With escapes in it, the text stands there in other characters: its begin is what is known.
  if (at === -1) return () => node.span;
  return (part) => ({ begin: begin + at + part.begin, end: begin + at + part.end });
}
