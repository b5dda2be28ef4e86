export { fillTemplates, placeIn } from "./fill-templates.ts";
export { branchAt, type TemplateNames, templateNames } from "./template-names.ts";
export { readTemplates, type TemplatePart, type TemplateSlot } from "./template.ts";
