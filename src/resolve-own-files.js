// For `--import`, in threads and processes of ours that have no launcher.
import { resolveOwnFiles } from "./own-files.js";

resolveOwnFiles();
