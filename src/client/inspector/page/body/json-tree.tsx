import { useState } from "preact/hooks";
import { Icon } from "../marks/icon.tsx";
import { Harmless } from "../words/harmless.tsx";
import { counted } from "../words/sizes.ts";
import type { JsonNode } from "./json-node.ts";

/** So many are shown of one object or array until more are asked for. */
const AT_ONCE = 100;
/** Up to this depth it is open at first, if it is not long. */
const OPEN_DEPTH = 3;
const OPEN_LENGTH = 40;

/** JSON as a tree that can be folded. Only what is open is in the document. */
export function JsonTree({ node }: { readonly node: JsonNode }) {
  return (
    <div class="json">
      <Branch node={node} depth={0} />
    </div>
  );
}

interface BranchProps {
  readonly node: JsonNode;
  readonly depth: number;
  readonly name?: string;
  readonly place?: number;
}

function Branch({ node, depth, name, place }: BranchProps) {
  const size = node.kind === "object" ? node.entries.length : node.kind === "array" ? node.items.length : 0;
  const [isOpen, setOpen] = useState(depth === 0 || (depth < OPEN_DEPTH && size <= OPEN_LENGTH));
  const [shown, setShown] = useState(AT_ONCE);
  const label =
    name !== undefined ? (
      <span class="json-key">
        <Harmless text={name} most={200} />:{" "}
      </span>
    ) : place !== undefined ? (
      <span class="json-place">{place}: </span>
    ) : null;
  if (node.kind === "string")
    return (
      <div class="json-line">
        {label}
        <span class="json-string">
          "<Harmless text={node.text} most={1_000} />"
        </span>
      </div>
    );
  if (node.kind === "plain")
    return (
      <div class="json-line">
        {label}
        <span class={/^[-\d]/.test(node.text) ? "json-number" : "json-word"}>{node.text}</span>
      </div>
    );
  const [begin, end, things] = node.kind === "object" ? ["{", "}", "key"] : ["[", "]", "item"];
  if (size === 0)
    return (
      <div class="json-line">
        {label}
        {begin}
        {end}
      </div>
    );
  return (
    <div class="json-branch">
      <button type="button" class="json-line" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="chevron" />
        {label}
        {begin}
        {!isOpen && (
          <>
            <span class="json-size">{counted(size, things ?? "")}</span>
            {end}
          </>
        )}
      </button>
      {isOpen && (
        <div class="json-inner">
          {node.kind === "object"
            ? node.entries
                .slice(0, shown)
                .map(({ key, value }, index) => (
                  <Branch key={index} name={key} node={value} depth={depth + 1} />
                ))
            : node.items
                .slice(0, shown)
                .map((item, index) => <Branch key={index} place={index} node={item} depth={depth + 1} />)}
          {size > shown && (
            <button type="button" class="link" onClick={() => setShown(shown * 4)}>
              {counted(size - shown, "more", "more")}
            </button>
          )}
        </div>
      )}
      {isOpen && <div class="json-end">{end}</div>}
    </div>
  );
}
