/** What is asked of every program. */
export const features = [
  "environment",
  "file",
  "directory",
  "TCP",
  "UDP",
  "DNS",
  "incoming",
  "exit code",
] as const;
export type Feature = (typeof features)[number];

/** How a program shows one of them, or why it never can. */
export type Cell =
  | {
      readonly command: readonly [string, ...string[]];
      /** Its output, or the answer that a caller gets of it, holds this. */
      readonly says?: string;
      readonly exits?: number;
    }
  | { readonly cannot: string };

/** One row. */
export interface Program {
  readonly name: string;
  readonly cells: Readonly<Record<Feature, Cell>>;
}

/** What the pod has, and this machine has not. */
export const pod = {
  variable: "SHOP_REGION",
  value: "north",
  settings: "/etc/shop/settings.json",
  greeting: "Welcome to the pod",
  directory: "/etc/shop",
  script: "/etc/shop/greeting.lua",
  addresses: "/etc/shop/urls",
  service: { name: "stock", address: "10.88.0.11", port: "80", item: "spoon" },
  echo: { name: "stock", port: "7" },
  redis: { name: "redis", address: "10.88.0.12" },
  /** The port that programs listen on, which nobody in the pod does. */
  incoming: "8081",
} as const;

/** The exit code that programs end with. */
export const exitCode = 7;
