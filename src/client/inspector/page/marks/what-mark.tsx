import type { Row } from "../../page-contract.ts";

const words: Record<Row["what"] | "held", string> = {
  stolen: "stolen: answered here",
  mirrored: "mirrored: a copy came here",
  passed: "passed: the app answered",
  held: "held: waits to be released",
};

/** Who had a request, told by form as well as by colour: a full arrow to us, a half disc, a hollow ring, two bars. */
export function WhatMark({ row }: { readonly row: Row }) {
  const what = row.state === "held" ? "held" : row.what;
  return <Mark what={what} label={words[what]} />;
}

export function Mark({ what, label }: { readonly what: Row["what"] | "held"; readonly label?: string }) {
  return (
    <svg
      class={`mark mark-${what}`}
      viewBox="0 0 14 14"
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    >
      {label !== undefined && <title>{label}</title>}
      {what === "stolen" && <path class="full" d="M1.500 7 8 1.800v3h4.500v4.400H8v3z" />}
      {what === "mirrored" && <path class="full" d="M7 1.800a5.200 5.200 0 0 0 0 10.400z" />}
      {what === "mirrored" && <circle class="ring" cx="7" cy="7" r="4.600" />}
      {what === "passed" && <circle class="ring" cx="7" cy="7" r="3.400" />}
      {what === "held" && <path class="full" d="M3 2.200h2.800v9.600H3zM8.200 2.200H11v9.600H8.200z" />}
    </svg>
  );
}
