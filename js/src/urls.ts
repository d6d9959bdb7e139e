/** Which addresses the card takes from others: nothing that runs, and nothing that travels in the open. */

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** Whether it is an address of https, or of plain http on this machine. */
export function isSafe(address: string): boolean {
  try {
    const { protocol, hostname } = new URL(address);
    return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
  } catch {
    return false;
  }
}
