/** Messages on their way: kept until the server has them, sent in batches, by one tab at a time. */
import { clock, guard, now, parse, stringify, uuid } from "./plain.js";
import * as storage from "./storage.js";

// The server takes 32 kB a message, and 500 kB and 2,500 messages a request; browsers let 64 kB
// go on while a page goes away.
const LARGEST_MESSAGE = 32 * 1024;
const LARGEST_BODY = 60 * 1024;
const MOST_MESSAGES = 100;
// What waits at most; past that the oldest go.
const MOST_KEPT = 1_000;
const LARGEST_KEPT = 1_000_000; // characters
const PAUSE = 1_000; // ms; what comes within it goes together
const FULL = 20; // messages that need not wait so long
const LONGEST_PAUSE = 5 * 60_000; // ms
const LONGEST_RETRY_AFTER = 60 * 60_000; // ms
const PATIENCE = 30_000; // ms with an answer
const ORPHAN = 3_000; // ms; a message that old would have been sent if its tab lived

export class Queue {
  private readonly prefix: string;
  private readonly url: string;
  private readonly tab = uuid().slice(0, 8);
  private made = 0;
  private flying = new Set<string>();
  private busy = false;
  private timer?: ReturnType<typeof setTimeout>;
  private due = Infinity;
  private stopping = new AbortController();
  private told = false; // the server said when to come again
  private inside = -Infinity; // when a click led to another page of this site

  constructor(
    url: string,
    private readonly writeKey: string,
  ) {
    this.url = `${url.replace(/\/+$/, "")}/v1/batch`;
    this.prefix = `q.${writeKey}.`;
    addEventListener("online", () => {
      if (!this.told) storage.remove("wait");
      this.sendSoon(0);
    });
    addEventListener("pagehide", () => guard(() => this.leave(true)));
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      this.flying.clear();
      this.sendSoon();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") guard(() => this.leave(false));
    });
    guard(() => this.watchClicks());
  }

  /** Take a message on. How many older ones it pushed out, or 1 when it is too large itself. */
  add(message: object): number {
    const text = stringify(message);
    if (bytes(text) > LARGEST_MESSAGE) return 1;
    const order = clock().toString(36).padStart(9, "0");
    const turn = (this.made++).toString(36).padStart(5, "0");
    const name = `${this.prefix}${order}${turn}.${this.tab}`;
    storage.put(name, text);
    const dropped = this.bound();
    this.sendSoon(this.waiting().length >= FULL ? 0 : PAUSE);
    return dropped;
  }

  /** Send what waits, after a pause in which more may come. */
  sendSoon(pause = PAUSE): void {
    const { until } = this.wait();
    const due = Math.max(clock() + pause, until);
    if (due >= this.due || !this.waiting().length) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.due = Infinity;
      void this.send();
    }, due - clock());
  }

  /** Stop, and let go of everything; what is under way is broken off. */
  forget(): void {
    this.stopping.abort();
    this.stopping = new AbortController();
    clearTimeout(this.timer);
    this.due = Infinity;
    this.flying.clear();
    this.told = false;
  }

  private waiting(): string[] {
    return storage.names(this.prefix);
  }

  private bound(): number {
    const names = this.waiting();
    let size = 0;
    let kept = names.length;
    while (kept > 0 && names.length - kept < MOST_KEPT) {
      size += storage.get(names[kept - 1]!)?.length ?? 0;
      if (size > LARGEST_KEPT) break;
      kept--;
    }
    names.slice(0, kept).forEach(storage.remove);
    return kept;
  }

  private async send(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await alone(this.writeKey, () => this.drain());
    } catch {
      // what could not be sent waits
    }
    this.busy = false;
    this.sendSoon(PAUSE);
  }

  private async drain(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && this.wait().until <= clock()) {
      const names = this.batch((name) => !this.flying.has(name));
      if (!names.length || !(await this.post(names))) return;
    }
  }

  /** As many of the oldest as one request holds. */
  private batch(fits: (name: string) => boolean): string[] {
    const chosen: string[] = [];
    let size = 200; // bytes of the envelope
    for (const name of this.waiting()) {
      if (!fits(name)) continue;
      const text = storage.get(name);
      if (!text || !guard(() => parse(text))) {
        storage.remove(name); // another tab has sent it, or the page has spoilt it
        continue;
      }
      size += bytes(text) + 1;
      if (chosen.length && (size > LARGEST_BODY || chosen.length >= MOST_MESSAGES)) break;
      chosen.push(name);
    }
    return chosen;
  }

  private body(names: string[]): string {
    const texts = names.map((name) => storage.get(name)).filter(Boolean);
    const envelope = stringify({ writeKey: this.writeKey, sentAt: now() });
    return `${envelope.slice(0, -1)},"batch":[${texts.join()}]}`;
  }

  /** Whether the server has dealt with them. */
  private async post(names: string[]): Promise<boolean> {
    const stopping = this.stopping;
    const { attempts } = this.wait();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    stopping.signal.addEventListener("abort", abort);
    names.forEach((name) => this.flying.add(name));
    let retryAfter = 0;
    try {
      const answer = await fetch(this.url, {
        method: "POST",
        body: this.body(names), // as text/plain: no preflight
        credentials: "omit",
        keepalive: !attempts, // its room is shared with the page: not a second time
        signal: stop.signal,
      });
      const { status } = answer;
      const done = answer.ok && (await answer.text()).includes("success");
      if (done || (status >= 400 && status < 500 && ![408, 410, 429].includes(status))) {
        if (!stopping.signal.aborted) {
          names.forEach(storage.remove);
          storage.remove("wait");
          this.told = false;
        }
        return true;
      }
      retryAfter = 1000 * Number(answer.headers.get("retry-after")) || 0;
    } catch {
      // the network, an ad blocker, or the time was up
    } finally {
      clearTimeout(timer);
      stopping.signal.removeEventListener("abort", abort);
      names.forEach((name) => this.flying.delete(name));
    }
    if (!stopping.signal.aborted) this.backOff(attempts + 1, retryAfter);
    return false;
  }

  private backOff(attempts: number, retryAfter: number): void {
    const pause = Math.min(LONGEST_PAUSE, PAUSE * 2 ** Math.min(attempts, 10));
    const after = Math.min(retryAfter, LONGEST_RETRY_AFTER);
    this.told = after > 0;
    const jittered = pause * (0.5 + Math.random() / 2);
    const until = clock() + (after ? after + Math.random() * PAUSE : jittered);
    storage.put("wait", `${Math.round(until)} ${attempts}`);
  }

  /** Until when all tabs hold still (ms of the clock), after how many attempts. */
  private wait(): { until: number; attempts: number } {
    const [until = 0, attempts = 0] = (storage.get("wait") ?? "").split(" ").map(Number);
    // A clock that was set back must not silence us.
    const real = until < clock() + LONGEST_RETRY_AFTER + 2 * PAUSE;
    return { until: real ? until : 0, attempts: attempts || 0 };
  }

  /**
   * Send what this tab has, at once and without the lock, since nothing answers a page that goes.
   * It stays in the queue until an answer comes; the next page sends it again if none did.
   */
  private leave(going: boolean): void {
    if (this.wait().until > clock()) return;
    // The next page is ours, too, and sends what lies in storage.
    const follows = clock() - this.inside < 10_000;
    const old = `${this.prefix}${(clock() - ORPHAN).toString(36).padStart(9, "0")}`;
    const names = this.batch(
      (name) =>
        !this.flying.has(name) &&
        (storage.passing(name) || (!follows && (name.endsWith(this.tab) || name < old))),
    );
    if (!names.length) return;
    if (!going) void this.post(names);
    else if (navigator.sendBeacon(this.url, this.body(names))) {
      names.forEach((name) => this.flying.add(name));
    }
  }

  private watchClicks(): void {
    interface Navigate extends Event {
      destination: { url: string; sameDocument: boolean };
      downloadRequest: string | null;
    }
    (window as { navigation?: EventTarget }).navigation?.addEventListener("navigate", (event) => {
      const { destination, downloadRequest } = event as Navigate;
      if (destination.sameDocument || downloadRequest !== null) return;
      this.inside = new URL(destination.url).origin === location.origin ? clock() : -Infinity;
    });
  }
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Do it while no other tab does. Without Web Locks (pages without https) a lease stands in. */
async function alone(name: string, work: () => Promise<void>): Promise<void> {
  if (navigator.locks) {
    await navigator.locks.request(`spindel.${name}`, { ifAvailable: true }, (lock) =>
      lock ? work() : undefined,
    );
    return;
  }
  const [until = 0] = (storage.get("lease") ?? "").split(" ").map(Number);
  if (until > clock() && until < clock() + 2 * PATIENCE) return;
  const mine = (): string => `${clock() + PATIENCE + 5_000} ${token}`;
  const token = Math.random();
  storage.put("lease", mine());
  // Two tabs may both have found it free: the last to write has it.
  await new Promise((then) => setTimeout(then, 50 + Math.random() * 50));
  if (!storage.get("lease")?.endsWith(` ${token}`)) return;
  try {
    await work();
  } finally {
    if (storage.get("lease")?.endsWith(` ${token}`)) storage.remove("lease");
  }
}
