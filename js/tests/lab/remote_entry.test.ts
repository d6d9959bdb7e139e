/** What JupyterLab (src/lab/jupyterlab.ts) loads, and the extension in it (src/lab/extension.ts). */

import { afterEach, describe, expect, it, vi } from "vitest";
import type { Plugin, ShareScope } from "../../src/lab/jupyterlab";
import "../../src/lab/remote_entry";

interface Container {
  init(scope: ShareScope): void;
  get(module: string): Promise<() => { default: Plugin }>;
}

const container = window._JUPYTERLAB?.["auth0-widget"] as Container;
const PALETTE = Symbol("ICommandPalette");

const slots: (() => void)[] = [];

class Widget {
  id = "";
  readonly node = document.createElement("div");
  readonly disposed = { connect: (slot: () => void) => slots.push(slot) > 0 };
}

function share(module: unknown) {
  return { "4.6.6": { get: async () => () => module } };
}

async function plugin(): Promise<Plugin> {
  container.init({
    "@lumino/widgets": share({ Widget }),
    "@jupyterlab/apputils": share({ ICommandPalette: PALETTE }),
  });
  return (await container.get("./extension"))().default;
}

function application() {
  return {
    commands: { addCommand: vi.fn(), notifyCommandChanged: vi.fn() },
    shell: { add: vi.fn() },
  };
}

afterEach(() => {
  for (const dispose of slots.splice(0)) dispose();
  document.head.innerHTML = "";
  document.body.innerHTML = "";
});

describe("the extension of JupyterLab", () => {
  it("is a plugin that starts by itself, and does without a palette", async () => {
    const { id, autoStart, optional } = await plugin();
    expect({ id, autoStart, optional }).toEqual({
      id: "auth0-widget:top-bar",
      autoStart: true,
      optional: [PALETTE],
    });
  });

  it("shows nothing where the server names no application", async () => {
    const app = application();
    (await plugin()).activate(app, null);
    expect(app.shell.add).not.toHaveBeenCalled();
    expect(app.commands.addCommand).not.toHaveBeenCalled();
  });

  it("adds the top bar and its commands, and connects to the server", async () => {
    const opened: string[] = [];
    vi.stubGlobal(
      "WebSocket",
      class {
        static readonly CONNECTING = 0;
        readyState = 0;
        constructor(url: string) {
          opened.push(url);
        }
        send(): void {}
        close(): void {}
      },
    );
    const config = document.createElement("script");
    config.id = "jupyter-config-data";
    config.type = "application/json";
    config.textContent = JSON.stringify({ auth0WidgetChannel: "/user/ada/auth0-widget/top-bar" });
    document.head.append(config);
    const app = application();
    const palette = { addItem: vi.fn() };
    (await plugin()).activate(app, palette);
    expect(opened).toEqual([
      `${location.origin.replace("http", "ws")}/user/ada/auth0-widget/top-bar`,
    ]);
    expect(app.shell.add.mock.calls[0]?.slice(1)).toEqual(["top", { rank: 1000 }]);
    const labels = app.commands.addCommand.mock.calls.map(([, { label }]) => label);
    expect(labels).toEqual(["Log in", "Log out", "Show session"]);
    expect(palette.addItem).toHaveBeenCalledTimes(3);
  });
});
