export { PodFiles } from "./pod-files.ts";
