/** Paths in a box of 16 × 16, drawn as lines. */
const paths = {
  close: "M4 4l8 8M12 4l-8 8",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.600 10.600 14 14",
  pause: "M5.500 3v10M10.500 3v10",
  play: "M5 3.200v9.600L12.500 8z",
  clear: "M3 4.500h10M6.500 4.500V3h3v1.500M4.500 4.500l.6 8.500h5.800l.6-8.500",
  upload: "M8 11V3M4.800 6 8 2.800 11.200 6M3 13.200h10",
  download: "M8 2.800v8M4.800 7.800 8 11l3.200-3.200M3 13.200h10",
  edit: "M3 13l.6-3L10.500 3l2.500 2.500-7 7z",
  replay: "M3.500 8a4.500 4.500 0 1 1 1.600 3.450M3.200 12.200V8.800h3.400",
  copy: "M6 6h7v7H6zM3 10V3h7",
  pin: "M8 9.500V14M4.500 9.500h7L10 6.500V2.800H6v3.700z",
  light:
    "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M12.600 3.400l-.9.9M4.300 11.700l-.9.9",
  dark: "M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z",
  auto: "M8 2.500a5.500 5.500 0 1 0 0 11zM8 2.500a5.500 5.500 0 1 1 0 11",
  keys: "M2 4.500h12v7H2zM4.500 7h.01M7 7h.01M9.500 7h.01M11.800 7h.01M5 9.300h6",
  down: "M8 3v9M4.500 8.800 8 12.300l3.500-3.500",
  yes: "M3.500 8.500 6.500 11.500 12.500 4.800",
  no: "M4.500 4.500l7 7M11.500 4.500l-7 7",
  warning: "M8 2.500 14.500 13.500h-13zM8 6.800v3.200M8 11.800v.01",
  chevron: "M6 4l4 4-4 4",
  sliders: "M3 5h6M12 5h1M3 11h1M7 11h6M9 3.500v3M5 9.500v3",
} as const;

export type IconName = keyof typeof paths;

/** A sign beside a word or in a named button: it has no name of its own. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
