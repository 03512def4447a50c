/** What the visitor has agreed to, as the page or its consent tool says. */
import { guard } from "./plain.js";

/** `analytics`: recognise and remember me. `marketing`: also note which ad I clicked. */
export interface Choice {
  analytics: boolean;
  marketing: boolean;
}

/** What a page may tell `consent()`. */
export type Consent =
  | "granted"
  | "denied"
  | { analytics?: boolean | "granted" | "denied"; marketing?: boolean | "granted" | "denied" };

/** The choice; undefined where what was told decides nothing. */
export function choose(told: unknown, before?: Choice): Choice | undefined {
  if (told === "granted" || told === "denied") {
    return { analytics: told === "granted", marketing: told === "granted" };
  }
  if (typeof told !== "object" || told === null) return undefined;
  const { analytics = before?.analytics, marketing = before?.marketing ?? false } =
    told as Partial<Choice>;
  if (analytics === undefined) return undefined;
  return { analytics: agreed(analytics), marketing: agreed(marketing) };
}

function agreed(value: unknown): boolean {
  return value === true || value === "granted";
}

interface TcData {
  eventStatus?: string;
  gdprApplies?: boolean;
  purpose?: { consents?: Record<string, boolean> };
}

interface Page {
  dataLayer?: unknown[];
  __tcfapi?: (
    command: string,
    version: number,
    then: (data: TcData | null, success: boolean) => void,
  ) => void;
}

/**
 * Google's Consent Mode and IAB's TCF 2, where the page has them. A default of Consent Mode that
 * denies means "not asked yet"; an update, or what the visitor did in a TCF dialogue, is an answer.
 */
export class Signals {
  private google?: Choice | null; // null: present, and not decided; undefined: absent
  private tcf?: Choice | null;
  private layer?: unknown[];
  private answered = false;

  constructor(private readonly changed: () => void) {}

  /** The choice; null while a tool is there and nobody has answered; undefined without a tool. */
  get choice(): Choice | null | undefined {
    const present = [this.google, this.tcf].filter((choice) => choice !== undefined);
    const refused = present.find((choice) => choice && !choice.analytics);
    if (refused) return refused;
    if (present.includes(null)) return null;
    if (!present.length) return undefined;
    return { analytics: true, marketing: present.every((choice) => choice?.marketing) };
  }

  /** Look for the tools; they may come after us. */
  look(): void {
    guard(() => this.readGoogle());
    guard(() => this.readTcf());
  }

  private readGoogle(): void {
    const layer = (window as Page).dataLayer;
    if (!Array.isArray(layer) || layer === this.layer) return;
    this.layer = layer;
    for (const entry of layer) this.takeGoogle(entry);
    const push = layer.push;
    layer.push = (...entries: unknown[]) => {
      const length = push.apply(layer, entries);
      guard(() => {
        entries.forEach((entry) => this.takeGoogle(entry));
        this.changed();
      });
      return length;
    };
  }

  /** `gtag("consent", "update", {analytics_storage: "granted"})` pushes its arguments. */
  private takeGoogle(entry: unknown): void {
    const [what, command, told] = Array.from((entry ?? []) as ArrayLike<unknown>);
    const { analytics_storage, ad_storage, region } = (told ?? {}) as Record<string, unknown>;
    if (what !== "consent" || !analytics_storage) return;
    const choice = { analytics: agreed(analytics_storage), marketing: agreed(ad_storage) };
    if (command === "update") {
      this.google = choice;
      this.answered = true;
    } else if (command === "default" && !this.answered) {
      // Which region the visitor is in is not ours to guess: one default that denies is enough.
      const open = choice.analytics && !region && this.google === undefined;
      this.google = open ? choice : null;
    }
  }

  private readTcf(): void {
    const api = (window as Page).__tcfapi;
    if (typeof api !== "function" || this.tcf !== undefined) return;
    this.tcf = null;
    api("addEventListener", 2, (data, success) => {
      guard(() => {
        if (!success || !data) return;
        const answered = /^(tcloaded|useractioncomplete)$/.test(data.eventStatus ?? "");
        if (data.gdprApplies !== false && !answered) return;
        const purposes = data.purpose?.consents ?? {};
        const may = (purpose: number): boolean =>
          data.gdprApplies === false || (purposes[1] === true && purposes[purpose] === true);
        // 1: store on the device; 8: measure content; 7: measure advertising.
        this.tcf = { analytics: may(8), marketing: may(7) };
        this.changed();
      });
    });
  }
}
