/** A login without the person: a hidden frame asks the tenant whether it knows them (prompt=none). */

import type { ResponseParameters, Silent } from "./messages";
import { listenToTenant } from "./response";

export const TIMEOUT_MS = 10_000;

/**
 * Opens the frame, and removes it when the tenant has responded, or has not in time.
 *
 * Only a message from the tenant's origin and from this very frame is a response.
 */
export function logInSilently(
  { url, tenant }: Silent,
  responded: (response: ResponseParameters) => void,
  signal: AbortSignal,
): void {
  const frame = document.createElement("iframe");
  const listening = new AbortController();
  function end(): void {
    clearTimeout(timeout);
    listening.abort();
    frame.remove();
  }
  const timeout = setTimeout(end, TIMEOUT_MS);
  signal.addEventListener("abort", end);
  frame.hidden = true;
  frame.src = url;
  document.body.append(frame);
  listenToTenant(
    tenant,
    frame.contentWindow,
    (response) => {
      end();
      responded(response);
    },
    listening.signal,
  );
}
