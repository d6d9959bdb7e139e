/** The callback page: its URL on this page's server, and the channels on which it sends responses. */

import type { ResponseParameters } from "./messages";
import { parseResponse } from "./response";

/** Its URL from Jupyter's page configuration, which our server extension sets; or null. */
export function callbackPageUrl(): string | null {
  try {
    const config = document.getElementById("jupyter-config-data")?.textContent as string;
    const path = JSON.parse(config).auth0WidgetCallback;
    return path ? location.origin + path : null;
  } catch {
    return null; // neither JupyterLab nor Notebook 7
  }
}

/** The name of the channel of a login: the first part of its state. */
export function channelOf(state: string | null): string {
  return state?.split(".")[0] ?? "";
}

/**
 * Calls back with each message of the callback page on this channel, until the signal aborts.
 *
 * Only the pages of the kernel that started the login know the name of the channel.
 */
export function listenToCallbackPage(
  channel: string,
  received: (data: unknown) => void,
  signal: AbortSignal,
): void {
  const listening = new BroadcastChannel(`auth0-widget:${channel}`);
  listening.onmessage = ({ data }) => received(data);
  signal.addEventListener("abort", () => listening.close());
}

/** Listens to several channels at once. */
export interface Channels {
  /** Listens to these channels from now on, and to no others. */
  listen(names: readonly string[]): void;
}

/** Calls back with each authorization response that comes on one of the channels. */
export function openChannels(
  received: (parameters: ResponseParameters) => void,
  signal: AbortSignal,
): Channels {
  const open = new Map<string, AbortController>();
  const close = (name: string) => {
    open.get(name)?.abort();
    open.delete(name);
  };
  signal.addEventListener("abort", () => {
    for (const name of [...open.keys()]) close(name);
  });
  return {
    listen(names) {
      for (const name of [...open.keys()]) if (!names.includes(name)) close(name);
      for (const name of names) {
        if (open.has(name) || signal.aborted) continue;
        const listening = new AbortController();
        open.set(name, listening);
        listenToCallbackPage(
          name,
          (data) => {
            const parameters = parseResponse(data);
            if (parameters?.state?.startsWith(`${name}.`)) received(parameters);
          },
          listening.signal,
        );
      }
    },
  };
}
