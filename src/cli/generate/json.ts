/** Reading JSON whose shape is not known. */
export * from "../../core/json-fields.js";
