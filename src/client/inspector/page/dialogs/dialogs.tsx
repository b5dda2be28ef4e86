import { useModel } from "../model-context.ts";
import { EditDialog } from "./edit-dialog.tsx";
import { FilterDialog } from "./filter-dialog.tsx";
import { HoldingDialog } from "./holding-dialog.tsx";
import { KeysDialog } from "./keys-dialog.tsx";

/** The dialog that is open, if one is. */
export function Dialogs() {
  const shown = useModel().dialog.value;
  if (shown === undefined) return null;
  if (shown.kind === "keys") return <KeysDialog />;
  if (shown.kind === "filter") return <FilterDialog port={shown.port} />;
  if (shown.kind === "holding") return <HoldingDialog />;
  return <EditDialog key={shown.id} id={shown.id} />;
}
