export { rowFilterOf } from "./row-filter.ts";
export { WatchModel } from "./watch-model.ts";
export { WatchScreen } from "./watch-screen.ts";
