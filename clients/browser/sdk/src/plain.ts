/** Values as JSON can say them, whatever a page hands over. */

// A page may replace them later; without them nothing can be sent.
const { stringify, parse } = globalThis.JSON ?? ({} as JSON);
export { stringify, parse };

const DEEPEST = 20;
const MOST = 5_000; // values in one call; a message of 32 kB has no room for more

/** A copy that JSON can write: no cycles, functions or elements, and nothing that throws. */
export function plain(value: unknown): unknown {
  const above: object[] = [];
  let left = MOST;

  function copy(value: unknown): unknown {
    if (--left < 0) return undefined;
    // No database keeps NUL, or half a character.
    if (typeof value === "string") return value.replace(/\0/g, "").replace(/\p{Cs}/gu, "\ufffd");
    if (typeof value === "number") return isFinite(value) ? value : null;
    if (typeof value === "bigint") return `${value}`;
    if (typeof value === "boolean" || value === null) return value;
    if (typeof value !== "object" || above.includes(value) || above.length >= DEEPEST) {
      return undefined;
    }
    if ("nodeType" in value || value === window) return undefined;
    above.push(value);
    try {
      if (typeof (value as { toJSON?: unknown }).toJSON === "function" && !Array.isArray(value)) {
        return copy((value as { toJSON(): unknown }).toJSON());
      }
      if (Array.isArray(value)) return Array.from(value, (item) => copy(item) ?? null);
      const fields: Record<string, unknown> = {};
      for (const name of Object.keys(value)) {
        try {
          const field = copy((value as Record<string, unknown>)[name]);
          if (field !== undefined) fields[name] = field;
        } catch {
          // a getter that throws: the other fields are worth having
        }
      }
      return fields;
    } finally {
      above.pop();
    }
  }

  try {
    return copy(value);
  } catch {
    return undefined;
  }
}

/** A random UUID, also on pages without https. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The time as ISO 8601; undefined where the page has broken its clock, and the server's is used. */
export function now(): string | undefined {
  try {
    return new Date().toISOString();
  } catch {
    return undefined;
  }
}

/** Milliseconds of the clock; 0 where the page has broken it. */
export function clock(): number {
  return guard(() => Date.now()) || 0;
}

/** Run it; whatever goes wrong inside stays inside. */
export function guard<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
