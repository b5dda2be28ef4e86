export { BypassWatch, type BypassWatchOptions, type Follower } from "./bypass-watch.ts";
