/** All cases of the contract. */

import type { Case } from "../case.js";
import { accessCases } from "./access.js";
import { applyCases } from "./apply.js";
import { applyListCases } from "./apply-lists.js";
import { bodyCases } from "./bodies.js";
import { changeCases } from "./changes.js";
import { createCases } from "./create.js";
import { definitionCases } from "./definitions.js";
import { deleteCases } from "./delete.js";
import { discoveryCases } from "./discovery.js";
import { generationCases } from "./generation.js";
import { kindCases } from "./kinds.js";
import { listCases } from "./list.js";
import { namespaceCases } from "./namespaces.js";
import { negotiationCases } from "./negotiation.js";
import { optionCases } from "./options.js";
import { patchCases } from "./patch.js";
import { podCases } from "./pods.js";
import { recordedCases } from "./recorded.js";
import { schemaCases } from "./schemas.js";
import { selectorCases } from "./selectors.js";
import { tableCases } from "./tables.js";
import { updateCases } from "./update.js";
import { watchCases } from "./watch.js";
import { watchListCases } from "./watch-list.js";

/** The contract. */
export const contract: readonly Case[] = [
  ...discoveryCases,
  ...negotiationCases,
  ...tableCases,
  ...createCases,
  ...bodyCases,
  ...updateCases,
  ...generationCases,
  ...patchCases,
  ...applyCases,
  ...applyListCases,
  ...deleteCases,
  ...namespaceCases,
  ...listCases,
  ...selectorCases,
  ...watchCases,
  ...watchListCases,
  ...definitionCases,
  ...schemaCases,
  ...accessCases,
  ...recordedCases,
  ...podCases,
  ...kindCases,
  ...optionCases,
  ...changeCases,
];
