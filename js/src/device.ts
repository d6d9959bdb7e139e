/** The code to log in with where no window works: the part of the card that shows what to type where. */

import { add, setText } from "./dom";
import type { Device } from "./messages";
import { codeEnd } from "./times";

export interface DeviceView {
  /** Where the person goes; nothing here ever opens it by itself (RFC 8628 section 5.4). */
  readonly link: HTMLElement;
  /** Shows the code, or nothing. */
  draw(device: Device | null): void;
  /** Shows how long the code is still good. */
  tick(): void;
}

export function mountDevice(frame: HTMLElement): DeviceView {
  const way = add(frame, "p", "way");
  way.append("Open ");
  const link = add(way, "a", "link");
  link.target = "_blank";
  link.rel = "noreferrer";
  way.append(" in any browser and enter this code:");
  const code = add(frame, "strong", "user-code");
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
      code.textContent = device?.user_code ?? "";
      tick();
    },
  };
}
