/** Parses the authorization response that the tenant or the callback page posts. */

import type { ResponseParameters } from "./messages";

/** Longer than any real parameter. A longer one is cut, and the kernel refuses it. */
const MAX_PARAMETER = 4096;

const PARAMETERS = ["code", "state", "iss", "error", "error_description"] as const;

/** The parameters of the response; null when the data is no authorization response. */
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

/** Calls back with each response that this window sends from the tenant's origin. */
export function listenToTenant(
  tenant: string,
  source: Window | null,
  responded: (response: ResponseParameters) => void,
  signal: AbortSignal,
): void {
  window.addEventListener(
    "message",
    (event) => {
      const sent = event.origin === tenant && event.source === source && parseResponse(event.data);
      if (sent) responded(sent);
    },
    { signal },
  );
}
