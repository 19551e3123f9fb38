/** Tables: objects as the API server prints them, in the columns that kubectl shows. */

import type { ListMeta } from "./meta.js";

/** One column of a table. */
export interface TableColumn {
  name: string;
  /** As in OpenAPI: `string`, `integer`, `number`, `boolean`, `date`. */
  type: string;
  /** As in OpenAPI: `name` marks the column with the object's name. */
  format: string;
  description: string;
  /** 0 for what is always shown; more for what `kubectl get --output wide` adds. */
  priority: number;
}

/** One object of a table; `O` is how much of it comes along. */
export interface TableRow<O = unknown> {
  /** One for each column: text, number, boolean or null. */
  cells: unknown[];
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
  object: O;
}

/** Objects as rows. @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export interface Table<O = unknown> {
  apiVersion: "meta.k8s.io/v1";
  kind: "Table";
  metadata: ListMeta;
  /** Absent from all events of a watch but the first. */
  columnDefinitions: TableColumn[];
  rows: TableRow<O>[];
}

/** How much of an object comes with its row. */
export type IncludeObject = "None" | "Metadata" | "Object";

/** Options of requests for tables. */
export interface TableOptions<I extends IncludeObject = IncludeObject> {
  /** How much of an object comes with its row. Default `Metadata`. */
  readonly includeObject?: I | undefined;
}
