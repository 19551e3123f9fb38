/** Kinds that are questions: answered at once, never stored. Everyone is the administrator here, and may do everything. */

import { type User, userInfo } from "../access.js";
import type { JsonObject } from "../json.js";

const allowed = (object: JsonObject): JsonObject => ({ ...object, status: { allowed: true } });

/** Answers by `plural.group`. */
export const reviews: Readonly<Record<string, (object: JsonObject, user: User, now: string) => JsonObject>> = {
  "localsubjectaccessreviews.authorization.k8s.io": allowed,
  "selfsubjectaccessreviews.authorization.k8s.io": allowed,
  "subjectaccessreviews.authorization.k8s.io": allowed,
  "selfsubjectrulesreviews.authorization.k8s.io": (object) => ({
    ...object,
    status: {
      incomplete: false,
      nonResourceRules: [{ nonResourceURLs: ["*"], verbs: ["*"] }],
      resourceRules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    },
  }),
  "selfsubjectreviews.authentication.k8s.io": (object, user, now) => ({
    ...object,
    metadata: { creationTimestamp: now },
    status: { userInfo: userInfo(user) },
  }),
  "tokenreviews.authentication.k8s.io": (object, user) => ({
    ...object,
    status: { authenticated: true, user: userInfo(user) },
  }),
};
