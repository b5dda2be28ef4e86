import { useMemo } from "preact/hooks";
import { JsonTree } from "./json-tree.tsx";
import { readJson } from "./json-node.ts";
import { TextLines } from "./text-lines.tsx";

/** A text that should be JSON: as a tree, or as text where it is none, with the reason. */
export function JsonText({ text }: { readonly text: string }) {
  const read = useMemo(() => readJson(text), [text]);
  if ("node" in read) return <JsonTree node={read.node} />;
  return (
    <>
      <p class="detail-note quiet">
        Not read as JSON: {read.problem.message}, at character {read.problem.at + 1}.
      </p>
      <TextLines text={text} />
    </>
  );
}
