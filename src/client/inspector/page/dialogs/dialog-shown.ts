/** The dialog that is open. */
export type DialogShown =
  | { readonly kind: "keys" }
  | { readonly kind: "edit"; readonly id: number }
  | { readonly kind: "filter"; readonly port: number }
  | { readonly kind: "holding" };
