/** The part of the card that shows the code of the device flow, and where to type it. */

import { add, setText } from "./dom";
import type { Device, QrCode } from "./messages";
import { codeEnd } from "./times";

export interface DeviceView {
  /** The link that the person opens. It is never opened automatically (RFC 8628, 5.4). */
  readonly link: HTMLElement;
  /** Shows the code, or nothing. */
  draw(device: Device | null): void;
  /** Shows how long the code is still valid. */
  tick(): void;
}

/** The white frame that a scanner needs around a QR code, in its modules (ISO/IEC 18004). */
const QUIET = 4;
/** Pixels of a module's side, so that it is sharp on every screen. */
const SCALE = 8;

/** Dark on light in every theme, because some phones read nothing else. */
function drawQrCode(canvas: HTMLCanvasElement, { size, path }: QrCode): void {
  canvas.width = canvas.height = (size + 2 * QUIET) * SCALE;
  const paper = canvas.getContext("2d");
  if (!paper) return;
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.setTransform(SCALE, 0, 0, SCALE, QUIET * SCALE, QUIET * SCALE);
  paper.fillStyle = "#000";
  paper.fill(new Path2D(path));
}

function addLink(parent: HTMLElement): HTMLAnchorElement {
  const link = add(parent, "a", "link");
  link.target = "_blank";
  link.rel = "noreferrer";
  return link;
}

export function mountDevice(frame: HTMLElement): DeviceView {
  const way = add(frame, "p", "way");
  way.append("Open ");
  const link = addLink(way);
  way.append(" in any browser and enter this code:");
  const typed = add(frame, "div", "typed");
  const code = add(typed, "strong", "user-code");
  const copy = add(typed, "button", "plain");
  copy.type = "button";
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      copy.textContent = "Copied";
    } catch {
      // In a frame of another origin, the outer page may not allow access to the clipboard.
      getSelection()?.selectAllChildren(code);
      copy.textContent = "Selected";
    }
  });
  const spared = add(frame, "p", "way");
  spared.append("Or open ");
  const complete = addLink(spared);
  complete.textContent = "this link";
  spared.append(", here or with your phone, and compare the code.");
  const qr = add(frame, "canvas", "qr");
  qr.setAttribute("role", "img");
  qr.setAttribute("aria-label", "The link as a QR code");
  const end = add(frame, "p", "note");

  let shown: Device | null = null;

  function tick(): void {
    setText(end, shown && codeEnd(shown.expires_at, Date.now() / 1000));
  }

  return {
    link,
    tick,
    draw(device) {
      frame.hidden = device === null;
      shown = device;
      link.href = link.textContent = device?.verification_uri ?? "";
      if (code.textContent !== device?.user_code) copy.textContent = "Copy";
      code.textContent = device?.user_code ?? "";
      // A page from another machine over plain http has no clipboard.
      copy.hidden = !navigator.clipboard;
      complete.href = device?.verification_uri_complete ?? "";
      spared.hidden = !device?.verification_uri_complete;
      qr.hidden = !device?.qr;
      if (device?.qr) drawQrCode(qr, device.qr);
      else qr.width = 0; // which clears it
      tick();
    },
  };
}
