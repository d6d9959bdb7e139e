/** The callback page: its URL on this page's server, and how a response gets from it to here. */

/** Its URL, where Jupyter's page configuration names one: our server extension puts it there. */
export function callbackPageUrl(): string | undefined {
  try {
    const config = document.getElementById("jupyter-config-data")?.textContent as string;
    const path = JSON.parse(config).auth0WidgetCallback;
    return path && location.origin + path;
  } catch {
    return undefined; // neither JupyterLab nor Notebook 7
  }
}

/**
 * Calls back with what the callback page sends for the login of this URL, until the signal aborts.
 *
 * The channel is named by the login's state, which nobody else knows; the response has it too.
 */
export function listenToCallbackPage(
  url: string,
  received: (data: unknown) => void,
  signal: AbortSignal,
): void {
  const state = new URL(url).searchParams.get("state");
  const channel = new BroadcastChannel(`auth0-widget:${state}`);
  channel.onmessage = ({ data }) => {
    if (data?.response?.state === state) received(data);
  };
  signal.addEventListener("abort", () => channel.close());
}
