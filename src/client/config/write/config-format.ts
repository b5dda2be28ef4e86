/** In what a config may be written. */
export const configFormats = ["json", "jsonc", "toml", "yaml"] as const;
export type ConfigFormat = (typeof configFormats)[number];

/** The format that the name of a file says. */
export function formatOf(file: string): ConfigFormat | undefined {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase();
  return ending === "yml" ? "yaml" : configFormats.find((format) => format === ending);
}
