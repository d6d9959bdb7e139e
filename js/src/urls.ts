/** Which addresses the card takes from others: nothing that runs, and nothing that travels in the open. */

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** Whether it is an address on this machine. */
export function isLocal(address: string): boolean {
  try {
    return LOOPBACK.test(new URL(address).hostname);
  } catch {
    return false;
  }
}

/** Whether it is an address of https, or of plain http on this machine. */
export function isSafe(address: string): boolean {
  try {
    const { protocol } = new URL(address);
    return protocol === "https:" || (protocol === "http:" && isLocal(address));
  } catch {
    return false;
  }
}
