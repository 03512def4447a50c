import { Client, type Fields, METHODS, type Options, type Spindel } from "./client.js";
import type { Consent } from "./consent.js";
import type { Content, Picture } from "./decide.js";
import { guard } from "./plain.js";

export type { Consent, Content, Fields, Options, Picture, Spindel };

/** Start, once a page. On a server, and where a browser is too old, its calls do nothing. */
export function load(options: Options): Spindel {
  const client = guard(() => new Client(options, () => import("./decide.js")));
  if (client) return client;
  const nothing = {} as Record<string, () => void>;
  for (const method of METHODS) nothing[method] = () => undefined;
  return { ...nothing, decide: async () => [], fill: async () => undefined } as unknown as Spindel;
}
