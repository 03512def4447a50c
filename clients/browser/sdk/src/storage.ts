/**
 * What is kept on the device: entries of localStorage that begin with `spindel.`, and one cookie.
 * Where the browser denies them, or they are full, the page's memory stands in.
 */
import { guard } from "./plain.js";

const PREFIX = "spindel.";
const COOKIE = "spindel_id";
const YEAR = 365 * 24 * 60 * 60; // seconds

const memory = new Map<string, string>();

/** Keep it; false when it lives in the page's memory alone. */
export function put(name: string, text: string): boolean {
  const kept = guard(() => {
    localStorage.setItem(PREFIX + name, text);
    return localStorage.getItem(PREFIX + name) === text;
  });
  if (kept) memory.delete(name);
  else memory.set(name, text);
  return !!kept;
}

export function get(name: string): string | null {
  return memory.get(name) ?? guard(() => localStorage.getItem(PREFIX + name)) ?? null;
}

export function remove(name: string): void {
  memory.delete(name);
  guard(() => localStorage.removeItem(PREFIX + name));
}

/** The names that begin so, in their order. */
export function names(start: string): string[] {
  const found = new Set(memory.keys());
  guard(() => {
    for (let place = 0; place < localStorage.length; place++) {
      const name = localStorage.key(place);
      if (name?.startsWith(PREFIX)) found.add(name.slice(PREFIX.length));
    }
  });
  return [...found].filter((name) => name.startsWith(start)).sort();
}

/** Whether it lives in this page's memory alone. */
export function passing(name: string): boolean {
  return memory.has(name);
}

/** Call back when another tab removes the entry. */
export function onRemoved(name: string, then: () => void): void {
  addEventListener("storage", (event) => {
    if (event.key === PREFIX + name && event.newValue === null) then();
  });
}

/** The visitor's mark: of the cookie, or of localStorage where cookies are denied. */
export function getMark(): string | null {
  const cookie = guard(() => document.cookie.match(`(?:^|; )${COOKIE}=([\\w.-]{1,80})(?:;|$)`)?.[1]);
  return cookie ?? get("id");
}

/** Keep the mark for a year, for the widest domain that the browser allows. */
export function putMark(mark: string): void {
  for (const domain of domains()) {
    cookie(mark, YEAR, domain);
    if (guard(() => document.cookie.includes(`${COOKIE}=${mark}`))) return remove("id");
  }
  put("id", mark);
}

/** Delete all that was ever kept. */
export function clear(): void {
  for (const domain of domains()) cookie("", 0, domain);
  for (const name of names("")) remove(name);
}

function cookie(value: string, seconds: number, domain: string): void {
  const where = domain && `; domain=${domain}`;
  const secure = location.protocol === "https:" ? "; secure" : "";
  guard(() => {
    document.cookie = `${COOKIE}=${value}; path=/; max-age=${seconds}; samesite=lax${where}${secure}`;
  });
}

/** The domains above this host, the widest first, and at last the host by itself. */
function domains(): string[] {
  const labels = location.hostname.split(".");
  const wide = labels.slice(0, -1).map((_, place) => labels.slice(place).join("."));
  return [...wide.reverse(), ""];
}
