import { Choice, choose, Consent, Signals } from "./consent.js";
import { contextOf, pageOf, Scene, scene } from "./context.js";
import type { Content, Host } from "./decide.js";
import { guard, now, plain, uuid } from "./plain.js";
import { Queue } from "./queue.js";
import * as storage from "./storage.js";

/** Traits or properties: anything that JSON can say. */
export type Fields = Record<string, unknown>;

/** Where to send, and as which source. */
export interface Options {
  /** The write key of the source. */
  writeKey: string;
  /** The address of Spindel, such as `https://crm.example.com`. */
  url: string;
  /** What holds until somebody says otherwise; leave it out where visitors are asked. */
  consent?: Consent;
  /** The country whose offers are shown, such as `SE`; without it, the source's. */
  market?: string;
}

/** The part of the script that shows what is decided. */
export type Deciding = () => Promise<Pick<typeof import("./decide.js"), "decide" | "fill">>;

/** What a page may call. None of it ever throws. */
export interface Spindel {
  /** Say who the visitor is. Without an id, only what is known of her. */
  identify(userId: string | number | Fields, traits?: Fields): void;
  /** Tell of something that happened, named as in "Product Viewed". */
  track(event: string, properties?: Fields): void;
  /** Tell of a page view. */
  page(name?: string | Fields, properties?: Fields): void;
  /** Say which company or household the visitor belongs to. */
  group(groupId: string | number, traits?: Fields): void;
  /** Somebody else may sit here from now on: after a log-out. */
  reset(): void;
  /** What the visitor agrees to. Refusing deletes all that is kept on the device. */
  consent(choice: Consent): void;
  /** What the visitor sees in a placement, the first first; on a product's page, with its number. */
  decide(placement: string, product?: string): Promise<Content[]>;
  /** Fill the places that are marked in the page; those that are filled stay. */
  fill(): Promise<void>;
}

export const METHODS = ["identify", "track", "page", "group", "reset", "consent"] as const;
type Method = (typeof METHODS)[number];

interface Call {
  method: Method;
  args: unknown[];
  at: Scene;
  timestamp: string | undefined;
}

const MOST_HELD = 100; // calls made before consent; past that the oldest go

/** The visitor's mark: her anonymous id, and `.a` or `.am` where `consent()` itself was called. */
const MARK = /^([\w-]{8,64})(?:\.(am?))?$/;

export class Client implements Spindel {
  private readonly queue: Queue;
  private readonly signals = new Signals(() => this.settle());
  private told?: Choice;
  private choice?: Choice;
  private held: Call[] = [];
  private dropped = 0;

  constructor(
    private readonly options: Options,
    private readonly deciding: Deciding,
  ) {
    this.queue = new Queue(options.url, options.writeKey);
    storage.onRemoved("on", () => this.consent("denied")); // withdrawn in another tab
    const look = (): void => this.settle();
    addEventListener("DOMContentLoaded", look);
    addEventListener("load", look);
    this.settle();
  }

  identify(userId: string | number | Fields, traits?: Fields): void {
    this.call("identify", [userId, traits]);
  }

  track(event: string, properties?: Fields): void {
    this.call("track", [event, properties]);
  }

  page(name?: string | Fields, properties?: Fields): void {
    this.call("page", [name, properties]);
  }

  group(groupId: string | number, traits?: Fields): void {
    this.call("group", [groupId, traits]);
  }

  reset(): void {
    this.call("reset", []);
  }

  consent(choice: Consent): void {
    guard(() => {
      const told = choose(choice, this.told ?? this.choice);
      if (!told) return warn("consent() takes \"granted\", \"denied\" or {analytics, marketing}");
      this.told = told;
      this.settle();
    });
  }

  async decide(placement: string, product?: string): Promise<Content[]> {
    return this.deciding().then(
      (part) => part.decide(this.host(), placement, product),
      () => [],
    );
  }

  async fill(): Promise<void> {
    return this.deciding().then(
      (part) => part.fill(this.host()),
      () => undefined,
    );
  }

  private host(): Host {
    const { url, writeKey, market } = this.options;
    return {
      url: url.replace(/\/+$/, ""),
      writeKey,
      market,
      visitor: () => (this.choice?.analytics ? anonymousId() : undefined),
      track: (event, properties) => this.track(event, properties),
    };
  }

  /** Do what was called before the script came, in order. */
  replay(calls: ArrayLike<unknown>): void {
    for (const call of Array.from(calls)) {
      guard(() => {
        const [method, args, time] = call as [Method, ArrayLike<unknown>, number?];
        if (method === "consent") this.consent(args[0] as Consent);
        else if (METHODS.includes(method)) {
          this.call(method, Array.from(args), guard(() => new Date(time!).toISOString()));
        }
      });
    }
  }

  private call(method: Method, args: unknown[], timestamp = now()): void {
    guard(() => {
      this.settle();
      const call = { method, args: args.map(plain), at: scene(), timestamp };
      if (this.choice?.analytics) this.perform(call);
      else if (!this.choice) {
        this.held.push(call);
        if (this.held.length > MOST_HELD) {
          this.held.shift();
          this.dropped++;
        }
      }
    });
  }

  /** Start, go on or forget, as is agreed. What the page says itself comes first. */
  private settle(): void {
    guard(() => {
      this.signals.look();
      const signalled = this.signals.choice;
      const choice =
        this.told ??
        signalled ??
        remembered() ??
        (signalled === undefined ? choose(this.options.consent) : undefined);
      const before = this.choice;
      if (!choice) return;
      this.choice = choice;
      if (!choice.analytics) {
        if (before?.analytics !== false) this.forget();
        return;
      }
      if (before?.analytics && before.marketing === choice.marketing) return;
      putMark(anonymousId() ?? uuid(), this.told ?? remembered());
      storage.put("on", "1");
      this.held.splice(0).forEach((call) => guard(() => this.perform(call)));
      this.queue.sendSoon();
    });
  }

  private forget(): void {
    this.held = [];
    this.dropped = 0;
    this.queue.forget();
    storage.clear();
  }

  private perform({ method, args, at, timestamp }: Call): void {
    const [first, second] = args;
    const text = typeof first === "string" || typeof first === "number" ? `${first}` : "";
    const fields = object(second) ?? (method === "track" ? undefined : object(first)) ?? {};
    if (method === "reset") {
      storage.remove("user");
      return putMark(uuid(), this.told ?? remembered());
    }
    if (method === "identify" && text) storage.put("user", text);
    if (method === "track" && !text) return warn("track() needs the name of an event");
    if (method === "group" && !text) return warn("group() needs the id of the group");
    const choice = this.choice!;
    let id = anonymousId();
    if (!id) putMark((id = uuid()), this.told); // the page has cleared its cookies
    const context = contextOf(at, choice);
    if (this.dropped) context.dropped = this.dropped;
    this.dropped = this.queue.add({
      type: method,
      messageId: uuid(),
      timestamp,
      anonymousId: id,
      userId: storage.get("user") ?? undefined,
      event: method === "track" ? text : undefined,
      name: method === "page" && text ? text : undefined,
      groupId: method === "group" ? text : undefined,
      properties:
        method === "page" ? { ...pageOf(at, choice), ...fields } : method === "track" ? fields : undefined,
      traits: method === "identify" || method === "group" ? fields : undefined,
      context,
    });
  }
}

function object(value: unknown): Fields | undefined {
  return typeof value === "object" && value && !Array.isArray(value) ? (value as Fields) : undefined;
}

function anonymousId(): string | undefined {
  return storage.getMark()?.match(MARK)?.[1];
}

function putMark(id: string, told: Choice | undefined): void {
  storage.putMark(id + (told ? (told.marketing ? ".am" : ".a") : ""));
}

/** What the page itself was told on an earlier page view. */
function remembered(): Choice | undefined {
  const kept = storage.getMark()?.match(MARK)?.[2];
  return kept ? { analytics: true, marketing: kept === "am" } : undefined;
}

function warn(what: string): void {
  guard(() => console.warn(`spindel: ${what}`));
}
