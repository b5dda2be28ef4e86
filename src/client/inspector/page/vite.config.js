import { fileURLToPath } from "node:url";

const page = fileURLToPath(new URL(".", import.meta.url));

/**
 * How the inspector's page is built; bundle.mjs does it. Plain JavaScript, since it runs before anything is installed.
 * Nothing is inlined: the page's Content-Security-Policy allows scripts, styles and images of its own origin only.
 */
export default {
  root: page,
  base: "./",
  publicDir: false,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    // Browsers of 2024 and later: light-dark(), container queries, streams.
    target: ["chrome123", "firefox123", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    reportCompressedSize: false,
    // Rooms that do no input or output do nothing when they are loaded either: what is not used of them is left out.
    rolldownOptions: {
      treeshake: { moduleSideEffects: [{ test: /[/]src[/](?:http|filters)[/]/, sideEffects: false }] },
    },
  },
};
