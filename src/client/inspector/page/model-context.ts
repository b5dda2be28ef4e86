import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PageModel } from "./page-model.ts";

/** The one model of the page, for every component. */
export const ModelContext = createContext<PageModel | undefined>(undefined);

export function useModel(): PageModel {
  const model = useContext(ModelContext);
  if (model === undefined) throw new Error("a component stands outside of the page");
  return model;
}
