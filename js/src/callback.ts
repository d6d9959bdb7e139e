/** The callback page: where this page's server has one, and how its answer gets here. */

/** Its address, if Jupyter's page configuration names one: our server extension puts it there. */
export function callbackPage(): string | undefined {
  try {
    const config = document.getElementById("jupyter-config-data")?.textContent as string;
    const path = JSON.parse(config).auth0WidgetCallback;
    return path && location.origin + path;
  } catch {
    return undefined; // neither JupyterLab nor Notebook 7
  }
}

/**
 * Calls back with what the callback page says about the login of this URL, until the signal aborts.
 *
 * The channel bears the login's state, which nobody else knows; so does the answer.
 */
export function hearCallbackPage(
  url: string,
  heard: (data: unknown) => void,
  signal: AbortSignal,
): void {
  const state = new URL(url).searchParams.get("state");
  const channel = new BroadcastChannel(`auth0-widget:${state}`);
  channel.onmessage = ({ data }) => {
    if (data?.response?.state === state) heard(data);
  };
  signal.addEventListener("abort", () => channel.close());
}
