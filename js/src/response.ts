/** The authorization response, as the tenant or the callback page posts it. */

import type { ResponseParameters } from "./messages";

/** More than any real code, state or description. A longer one is cut, and the kernel refuses it. */
const MAX_PARAMETER = 4096;

const PARAMETERS = ["code", "state", "iss", "error", "error_description"] as const;

/** Its parameters, cut to a sensible length; null when it is not one. */
export function parseResponse(data: unknown): ResponseParameters | null {
  const { type, response } = Object(data) as { type?: unknown; response?: unknown };
  if (type !== "authorization_response") return null;
  const given = Object(response) as Record<string, unknown>;
  const parameters: Record<string, string> = {};
  for (const field of PARAMETERS) {
    const value = given[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") return null;
    parameters[field] = value.slice(0, MAX_PARAMETER);
  }
  return "code" in parameters || "error" in parameters ? parameters : null;
}
