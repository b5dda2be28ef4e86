import { spawn } from "node:child_process";

/** Opens a URL in the user's browser, by xdg-open. Gives why not where that cannot be. */
export function openInBrowser(url: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (!environment["DISPLAY"] && !environment["WAYLAND_DISPLAY"])
    return Promise.resolve("there is no display to open a browser on");
  return new Promise((resolve) => {
    // The URL goes as an argument of its own, and a browser that is started must not end with us.
    const child = spawn("xdg-open", [url], { stdio: "ignore", detached: true });
    child.once("error", () => resolve("xdg-open cannot be run"));
    child.once("spawn", () => resolve(undefined));
    child.unref();
  });
}
