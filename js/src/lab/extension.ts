/** The extension of JupyterLab 4 and Notebook 7: a top bar, and its commands in the palette. */

import { connectPage } from "../connection";
import { openChannel } from "./channel";
import {
  type Application,
  type LuminoWidget,
  type Palette,
  type Plugin,
  pageConfig,
  type ShareScope,
  shared,
} from "./jupyterlab";
import { mountTopBar } from "./top_bar";

/** The style sheet, which `js/build.js` sets. */
declare const STYLE: string;

/** To the right of the usual items of the top bar. */
const RANK = 1000;

/** The plugin. It shows nothing unless an application is configured in the server. */
export async function plugin(scope: ShareScope): Promise<Plugin> {
  const { Widget } = await shared<{ Widget: new () => LuminoWidget }>(scope, "@lumino/widgets");
  const { ICommandPalette } = await shared<{ ICommandPalette: unknown }>(
    scope,
    "@jupyterlab/apputils",
  );
  return {
    id: "auth0-widget:top-bar",
    description: "Who is logged in, for all notebooks of this server.",
    autoStart: true,
    optional: [ICommandPalette],
    activate(app, palette) {
      const path = pageConfig("auth0WidgetChannel");
      if (path) show(app, palette, new Widget(), path);
    },
  };
}

function show(app: Application, palette: Palette | null, widget: LuminoWidget, path: string): void {
  const life = new AbortController();
  widget.disposed.connect(() => life.abort());
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const page = connectPage(openChannel(url.href, life.signal), "server", life.signal);

  const sheet = document.createElement("style");
  sheet.textContent = STYLE;
  document.head.append(sheet);

  widget.id = "auth0-widget-top-bar";
  const bar = mountTopBar(widget.node, page, life.signal);
  app.shell.add(widget, "top", { rank: RANK });

  const loggedIn = () => page.snapshot().kernel?.status === "authenticated";
  const commands = [
    {
      id: "auth0-widget:log-in",
      label: "Log in",
      isEnabled: () => !loggedIn(),
      execute: bar.logIn,
    },
    { id: "auth0-widget:log-out", label: "Log out", isEnabled: loggedIn, execute: page.logout },
    {
      id: "auth0-widget:show-session",
      label: "Show session",
      isEnabled: loggedIn,
      execute: bar.toggleSession,
    },
  ];
  for (const { id, ...options } of commands) {
    app.commands.addCommand(id, options);
    palette?.addItem({ command: id, category: "Auth0" });
  }
  page.subscribe(() => {
    for (const { id } of commands) app.commands.notifyCommandChanged(id);
  }, life.signal);
}
