/** The part of the API of JupyterLab 4 and Notebook 7 that the top bar uses. */

/** @lumino/widgets: `Widget`. */
export interface LuminoWidget {
  id: string;
  readonly node: HTMLElement;
  readonly disposed: { connect(slot: () => void): boolean };
}

/** @jupyterlab/application: `JupyterFrontEnd`. */
export interface Application {
  readonly commands: {
    addCommand(
      id: string,
      options: { label: string; execute: () => void; isEnabled?: () => boolean },
    ): void;
    notifyCommandChanged(id: string): void;
  };
  readonly shell: {
    add(widget: LuminoWidget, area: string, options: { rank: number }): void;
  };
}

/** @jupyterlab/apputils: `ICommandPalette`. */
export interface Palette {
  addItem(item: { command: string; category: string }): void;
}

/** @jupyterlab/application: `JupyterFrontEndPlugin`. */
export interface Plugin {
  id: string;
  description: string;
  autoStart: boolean;
  optional: unknown[];
  activate(app: Application, palette: Palette | null): void;
}

/** Webpack's share scope: package → version → how to load it. */
export type ShareScope = Record<string, Record<string, { get(): Promise<() => unknown> }>>;

/** A package that the application shares. It is a singleton, so there is only one version. */
export async function shared<T>(scope: ShareScope, name: string): Promise<T> {
  const [version] = Object.values(scope[name] ?? {});
  if (!version) throw new Error(`the application does not share ${name}`);
  return (await version.get())() as T;
}

/** A value of the page's configuration, which the server writes; or undefined. */
export function pageConfig(name: string): string | undefined {
  const text = document.getElementById("jupyter-config-data")?.textContent;
  return text ? JSON.parse(text)[name] : undefined;
}
