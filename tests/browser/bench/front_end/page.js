/**
 * A front end whose cells stand below one another, as a page of its own or in a frame. The widget
 * manager is the one that VS Code ships; it loads anywidget with requirejs, as VS Code does.
 *
 * The address says which kernel: ?server=http://…&token=…&kernel=…
 */

import { ServerConnection } from "@jupyterlab/services";
import { KernelConnection } from "@jupyterlab/services/lib/kernel/default";
import { activate } from "@vscode/jupyter-ipywidgets8";

const VIEW = "application/vnd.jupyter.widget-view+json";

const { server, token, kernel: id } = Object.fromEntries(new URLSearchParams(location.search));
const kernel = new KernelConnection({
  model: { id, name: "python3" },
  serverSettings: ServerConnection.makeSettings({
    baseUrl: server,
    wsUrl: server.replace("http", "ws"),
    token,
    appendToken: true,
  }),
});

const scripts = {
  widgetsRegisteredInRequireJs: new Set(),
  async loadWidgetScript(name) {
    requirejs.config({ paths: { [name]: `nbextensions/${name}/index` } });
    this.widgetsRegisteredInRequireJs.add(name);
  },
  successHandler() {},
  errorHandler(_class, _module, _version, error) {
    throw error;
  },
};

activate();
vscIPyWidgets8.load();
const manager = new vscIPyWidgets.WidgetManager(kernel, document.body, scripts, () => {});

async function draw(node, data) {
  if (!data[VIEW]) {
    node.append(data["text/plain"] ?? "", "\n");
    return;
  }
  const model = await manager.get_model(data[VIEW].model_id);
  await manager.display_view(data, await manager.create_view(model), { node });
}

/** Runs a cell; its output is added to the page. */
window.run = (code) => {
  const output = document.createElement("pre");
  document.body.append(output);
  kernel.requestExecute({ code }).onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") output.append(content.text);
    if (header.msg_type === "error") output.append(`${content.ename}: ${content.evalue}\n`);
    if (content.data) draw(output, content.data);
  };
};
