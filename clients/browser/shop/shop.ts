// What makes the shop quicker where scripts run. Every form and link works without it.

interface Told {
  name: string;
  properties: Record<string, unknown>;
}

/** The script for browsers, or what keeps its calls until it has come (docs/browser.md). */
interface Spindel {
  track(name: string, properties: Record<string, unknown>): void;
  consent(choice: { analytics: boolean; marketing: boolean } | "denied"): void;
  reset(): void;
}

declare global {
  interface Window {
    spindel?: Spindel | { q: unknown[] };
  }
}

const METHODS = ["identify", "track", "page", "group", "reset", "consent"];

function spindel(): Spindel {
  if (!window.spindel) {
    const waiting: { q: unknown[]; [name: string]: unknown } = { q: [] };
    for (const name of METHODS) {
      waiting[name] = (...args: unknown[]) => void waiting.q.push([name, args, Date.now()]);
    }
    window.spindel = waiting;
  }
  return window.spindel as Spindel;
}

const words = (document.getElementById("words") as HTMLTemplateElement).dataset;
const toasts = document.getElementById("toasts")!;

function all<E extends HTMLElement>(selector: string, within: ParentNode = document): E[] {
  return [...within.querySelectorAll<E>(selector)];
}

function on<K extends keyof HTMLElementEventMap>(
  kind: K,
  selector: string,
  act: (element: HTMLElement, event: HTMLElementEventMap[K]) => void,
): void {
  document.addEventListener(kind, (event) => {
    const found = (event.target as Element).closest?.<HTMLElement>(selector);
    if (found) act(found, event as HTMLElementEventMap[K]);
  });
}

/** A part of a page, as the server writes it; undefined when the shop can't be reached. */
async function part(
  url: string,
  options: RequestInit = {},
): Promise<{ html: string; status: number } | undefined> {
  try {
    const answer = await fetch(url, {
      ...options,
      headers: { "X-Part": "1" },
      signal: options.signal ?? AbortSignal.timeout(20_000),
    });
    return { html: await answer.text(), status: answer.status };
  } catch (error) {
    if ((error as Error).name !== "AbortError") say(words.failed!);
    return undefined;
  }
}

// The server's templates escape whatever comes from outside; the policy runs no script in it.
function fill(place: HTMLElement, html: string): void {
  place.innerHTML = html;
  place.querySelectorAll("script[data-told]").forEach(tell);
  dress(place);
}

/** Say something for a while, on screen and to screen readers. */
function say(text: string): void {
  const line = document.createElement("div");
  line.className = "toast";
  line.textContent = text;
  show(line);
}

function show(line: HTMLElement): void {
  toasts.replaceChildren(line);
  setTimeout(() => line.remove(), 7000);
}

// --- what is told, and only with consent ----------------------------------------------------------

function tell(script: Element): void {
  for (const one of JSON.parse(script.textContent || "[]") as Told[]) {
    spindel().track(one.name, one.properties);
  }
}

function agree(choice: string): void {
  if (choice === "none") spindel().consent("denied");
  else if (choice) spindel().consent({ analytics: true, marketing: choice === "all" });
}

function consents(): void {
  const banner = document.getElementById("consent") as HTMLFormElement;
  const chosen = document.body.dataset.consent!;
  if (chosen) agree(chosen);
  else banner.hidden = false;
  banner.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = event.submitter as HTMLButtonElement;
    agree(value);
    banner.hidden = true;
    void fetch(banner.action, {
      method: "POST",
      body: new URLSearchParams({ choice: value }),
      headers: { "X-Part": "1" },
      keepalive: true,
    });
  });
  on("submit", "[data-consent-form]", (_, event) => {
    agree(((event as SubmitEvent).submitter as HTMLButtonElement).value);
  });
  if ("reset" in document.body.dataset) {
    spindel().reset();
    // Her card is on this device no longer; see the shop's card.py. There are none without https.
    if ("caches" in window) void caches.delete("card");
  }
}

// --- the cart -------------------------------------------------------------------------------------

function count(value: string | undefined): void {
  if (value === undefined) return;
  for (const badge of all("[data-count]")) {
    badge.textContent = value;
    badge.hidden = value === "0";
  }
}

function counted(within: ParentNode): void {
  count(within.querySelector<HTMLElement>("[data-count-is]")?.dataset.countIs);
}

/** Form data as the browser would send it, with the button that was pressed. */
function fields(form: HTMLFormElement, button?: HTMLElement | null): URLSearchParams {
  const told = new URLSearchParams();
  for (const [name, value] of new FormData(form)) told.append(name, String(value));
  if (button instanceof HTMLButtonElement && button.name) told.append(button.name, button.value);
  return told;
}

let version = ""; // of the cart that this page shows or has made

async function change(form: HTMLFormElement, button?: HTMLElement | null): Promise<void> {
  const cart = form.closest<HTMLElement>("[data-cart]")!;
  if (cart.getAttribute("aria-busy")) return;
  const focus = remembered();
  const told = fields(form, button);
  cart.setAttribute("aria-busy", "true");
  const answer = await part(form.action, { method: "POST", body: told });
  cart.removeAttribute("aria-busy");
  if (!answer) return reload(cart);
  fill(cart, answer.html);
  seen(cart);
  focus();
}

let stepping = 0;

/** Show at once what the press will do; several quick ones go as one change. */
function step(form: HTMLFormElement, by: number): void {
  if (form.closest("[aria-busy]")) return;
  const field = form.elements.namedItem("quantity") as HTMLInputElement;
  field.value = String(Math.min(Math.max(Number(field.value) + by, 0), 99));
  clearTimeout(stepping);
  stepping = window.setTimeout(() => void change(form), 250);
}

function remembered(): () => void {
  const active = document.activeElement as HTMLInputElement | null;
  const sku = active?.closest<HTMLElement>("[data-sku]")?.dataset.sku;
  const selector = active?.name
    ? `[name="${active.name}"]${active.tagName === "BUTTON" ? `[value="${active.value}"]` : ""}`
    : "";
  return () => {
    if (!sku || !selector) return;
    const line = document.querySelector(`[data-sku="${CSS.escape(sku)}"]`);
    const same = line?.querySelector<HTMLElement>(selector);
    (same ?? document.querySelector<HTMLElement>("[data-cart] h1"))?.focus();
  };
}

async function reload(cart: HTMLElement): Promise<void> {
  const focus = remembered();
  const answer = await part("/shop/cart");
  if (answer?.status !== 200) return;
  fill(cart, answer.html);
  seen(cart);
  focus();
}

/** A cart has one market: where it was changed elsewhere, the whole page is another. */
function moved(market: string | undefined): void {
  if (market && market !== document.body.dataset.market) location.reload();
}

function seen(cart: ParentNode): void {
  counted(cart);
  const shown = cart.querySelector<HTMLElement>("[data-market-is]");
  moved(shown?.dataset.marketIs);
  version = cart.querySelector<HTMLElement>("[data-version]")?.dataset.version ?? version;
}

function carts(): void {
  const cart = document.querySelector<HTMLElement>("[data-cart]");
  if (cart) seen(cart);
  on("submit", "[data-change]", (form, event) => {
    event.preventDefault();
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (button?.value === "more") step(form as HTMLFormElement, 1);
    else if (button?.value === "less") step(form as HTMLFormElement, -1);
    else void change(form as HTMLFormElement, button);
  });
  on("change", "[data-change] [name=quantity], [data-change] [name=way]", (field) => {
    void change(field.closest("form")!);
  });
  on("submit", "[data-add]", (form, event) => {
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (button?.hasAttribute("formaction")) return; // a wish, or to find it in a store
    event.preventDefault();
    void add(form as HTMLFormElement, button);
  });
}

async function add(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<void> {
  if (button?.getAttribute("aria-busy")) return;
  button?.setAttribute("aria-busy", "true");
  const answer = await part(form.action, { method: "POST", body: fields(form) });
  button?.removeAttribute("aria-busy");
  if (!answer) return; // pressed again, it has the same key, and counts once
  const line = document.createElement("div");
  fill(line, answer.html);
  show(line);
  counted(line);
  if (answer.status === 200) {
    (form.elements.namedItem("key") as HTMLInputElement).value = crypto.randomUUID();
    began();
  }
}

// --- live: one stream for the tab that is looked at -----------------------------------------------

let stream: EventSource | undefined;

function listen(): void {
  if (!("live" in document.body.dataset) || document.hidden || stream) return;
  const opened = new EventSource("/shop/live");
  stream = opened;
  opened.addEventListener("cart", (event) => {
    if (event.data && event.data === version) return;
    const cart = document.querySelector<HTMLElement>("[data-cart]");
    if (cart?.getAttribute("aria-busy")) return;
    if (cart) void reload(cart);
    else void recount();
  });
  opened.addEventListener("holds", () => void reheld());
}

/** What is held for her has changed: by her, in the store, on another device, or its time is up. */
async function reheld(): Promise<void> {
  for (const place of all("[data-held]")) {
    const answer = await part(place.dataset.held!);
    if (answer?.status !== 200) continue;
    const open = all<HTMLDetailsElement>("details[open]", place).map((one) => one.id);
    fill(place, answer.html);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    const told = place.querySelector<HTMLElement>("[data-states]")?.dataset.states;
    if (told) restate(JSON.parse(told) as Record<string, string>);
  }
}

/** Say of each size where it is now, and of the one that is chosen in which stores. */
function restate(states: Record<string, string>): void {
  for (const size of all<HTMLInputElement>("[data-stores] input")) {
    const state = states[size.value] ?? size.dataset.state!;
    size.dataset.state = state;
    size.parentElement!.className = state;
    if (size.checked) size.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

async function recount(): Promise<void> {
  try {
    const answer = await fetch("/shop/cart/count");
    if (!answer.ok) return;
    const cart = (await answer.json()) as { count: number; market: string };
    count(String(cart.count));
    moved(cart.market);
  } catch {
    // The next page counts again.
  }
}

/** She has a session from now on, if she had none. */
function began(): void {
  document.body.dataset.live = "";
  listen();
}

function live(): void {
  listen();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stream?.close();
      stream = undefined;
    } else {
      listen();
      fresh();
    }
  });
  addEventListener("pagehide", () => {
    stream?.close();
    stream = undefined;
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    // A form for what may be bought by now: as she left it, it would be a dead one.
    if (document.querySelector("[data-anew]")) return location.reload();
    for (const form of all<HTMLFormElement>("[data-once]")) free(form);
    listen();
    fresh();
  });
}

/** What may have happened while nobody looked. */
function fresh(): void {
  if (!("live" in document.body.dataset)) return;
  void reheld();
  const cart = document.querySelector<HTMLElement>("[data-cart]");
  if (cart) void reload(cart);
  else void recount();
}

// --- search as one types --------------------------------------------------------------------------

function suggest(): void {
  const field = document.getElementById("q") as HTMLInputElement;
  const list = document.getElementById("suggestions")!;
  let asked: AbortController | undefined;
  let timer = 0;
  const set = (name: string, value: string): void => field.setAttribute(`aria-${name}`, value);
  field.setAttribute("role", "combobox");
  set("autocomplete", "list");
  set("expanded", "false");
  set("controls", "suggested");

  const close = (): void => {
    asked?.abort();
    clearTimeout(timer);
    list.hidden = true;
    set("expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const options = (): HTMLElement[] => all("[data-href]", list);
  const chosen = (): number =>
    options().findIndex((one) => one.getAttribute("aria-selected") === "true");
  const choose = (place: number): void => {
    options().forEach((one, index) => one.setAttribute("aria-selected", String(index === place)));
    const one = options()[place];
    if (one) set("activedescendant", one.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const ask = async (): Promise<void> => {
    asked?.abort();
    const text = field.value.trim();
    if (!text) return close();
    asked = new AbortController();
    const { signal } = asked;
    try {
      const url = `${field.dataset.suggest}?q=${encodeURIComponent(text)}`;
      const answer = await fetch(url, { headers: { "X-Part": "1" }, signal });
      const html = await answer.text();
      if (!answer.ok || signal.aborted || document.activeElement !== field) return;
      list.innerHTML = html;
      list.hidden = !list.firstElementChild;
      set("expanded", String(!list.hidden));
      field.removeAttribute("aria-activedescendant");
    } catch {
      // Typed on, or offline: Enter still searches.
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), 70);
  });
  field.addEventListener("keydown", (event) => {
    const many = options().length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden && many) {
      event.preventDefault();
      const down = event.key === "ArrowDown" ? 1 : -1;
      const next = chosen() + down;
      choose(next < -1 ? many - 1 : next >= many ? -1 : next);
    } else if (event.key === "Enter" && !list.hidden && chosen() >= 0) {
      event.preventDefault();
      location.assign(options()[chosen()]!.dataset.href!);
    }
  });
  field.addEventListener("blur", () => setTimeout(close, 150));
}

// --- lists ----------------------------------------------------------------------------------------

function lists(): void {
  const place = document.querySelector<HTMLElement>("[data-list]");
  if (!place) return;
  let asked: AbortController | undefined;
  const load = async (url: string, keep: boolean): Promise<void> => {
    asked?.abort();
    asked = new AbortController();
    const open = place.querySelector("details")?.open;
    const focused = document.activeElement as HTMLInputElement | null;
    const again = focused?.name ? `[name="${focused.name}"][value="${CSS.escape(focused.value)}"]` : "";
    place.setAttribute("aria-busy", "true");
    const answer = await part(url, { signal: asked.signal });
    if (!answer) return place.removeAttribute("aria-busy");
    if (answer.status !== 200) return location.assign(url);
    fill(place, answer.html);
    place.removeAttribute("aria-busy");
    const details = place.querySelector("details");
    if (details && open !== undefined) details.open = open;
    if (again) place.querySelector<HTMLElement>(again)?.focus({ preventScroll: true });
    if (keep) history.pushState({ list: true }, "", url);
  };
  // The list behind the sheet is what was chosen already.
  on("click", "[data-done]", (button, event) => {
    event.preventDefault();
    button.closest("details")?.removeAttribute("open");
    document.querySelector<HTMLElement>(".results")?.scrollIntoView({ block: "start" });
  });
  on("change", "[data-filter]", (form) => {
    const told = fields(form as HTMLFormElement);
    if (!told.get("sort")) told.delete("sort");
    void load(`/shop/products${told.size ? `?${told}` : ""}`, true);
  });
  on("click", ".chips a", (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void load((link as HTMLAnchorElement).href, true);
  });
  on("click", "[data-more]", (link, event) => {
    event.preventDefault();
    void more(link as HTMLAnchorElement);
  });
  addEventListener("popstate", () => void load(location.href, false));
}

async function more(link: HTMLAnchorElement): Promise<void> {
  if (link.getAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  const answer = await part(link.href);
  link.removeAttribute("aria-busy");
  if (answer?.status !== 200) return;
  const page = document.createElement("div");
  page.innerHTML = answer.html;
  page.querySelectorAll("script[data-told]").forEach(tell);
  const grid = document.querySelector(".results .grid");
  const cards = [...(page.querySelector(".results .grid")?.children ?? [])];
  grid?.append(...cards);
  cards[0]?.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
  const next = page.querySelector<HTMLAnchorElement>("[data-more]");
  if (next) link.href = next.href;
  else link.parentElement?.remove();
}

// --- a product ------------------------------------------------------------------------------------

function product(): void {
  const sizes = document.querySelector<HTMLElement>("[data-stores]");
  if (!sizes) return;
  const target = document.querySelector<HTMLElement>("[data-target]")!;
  const here = document.querySelector<HTMLElement>("[data-stores-here]")!;
  let asked: AbortController | undefined;

  const chosen = (): HTMLInputElement | null => sizes.querySelector("input:checked");
  const find = async (near = ""): Promise<void> => {
    const size = chosen();
    if (!size) return;
    asked?.abort();
    asked = new AbortController();
    here.setAttribute("aria-busy", "true");
    const more = near ? `&near=${encodeURIComponent(near)}` : "";
    const url = `${sizes.dataset.stores}?sku=${encodeURIComponent(size.value)}${more}`;
    const answer = await part(url, { signal: asked.signal });
    here.removeAttribute("aria-busy");
    if (answer?.status !== 200) return;
    const reading = here.contains(document.activeElement);
    fill(here, answer.html);
    if (reading) here.querySelector<HTMLElement>(".held")?.focus();
  };
  const pick = (): void => {
    const size = chosen();
    if (!size) return;
    document.querySelector<HTMLElement>(".sayings")!.dataset.state = size.dataset.state;
    const price = document.getElementById("price")?.firstElementChild;
    if (size.dataset.price && price?.tagName === "INS") price.textContent = size.dataset.price;
    history.replaceState(history.state, "", `?sku=${encodeURIComponent(size.value)}`);
    if (size.dataset.state === "stores") target.hidden = false;
    if (!target.hidden) void find();
  };
  on("change", "[data-stores] input", pick);

  on("click", "[data-find]", (button, event) => {
    const form = button.closest("form")!;
    event.preventDefault();
    if (!form.reportValidity()) return;
    target.hidden = false;
    void find().then(() => target.scrollIntoView({ block: "nearest", behavior: "smooth" }));
    target.focus({ preventScroll: true });
  });
  on("change", "[data-near] select", (select) => {
    const { value } = select as HTMLSelectElement;
    if (!value) return;
    keep(value);
    void find(value);
  });
  on("click", "[data-locate]", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        // To a kilometre: nobody needs to know it better than that.
        const near = `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`;
        keep(near);
        void find(near);
      },
      () => say(words.nowhere!),
      { timeout: 10_000, maximumAge: 600_000 },
    );
  });
  on("submit", "[data-hold]", (form, event) => {
    event.preventDefault();
    void hold(form as HTMLFormElement);
  });
  const hold = async (form: HTMLFormElement): Promise<void> => {
    const button = form.querySelector("button")!;
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const answer = await part(form.action, { method: "POST", body: fields(form) });
    button.removeAttribute("aria-busy");
    if (!answer) return;
    const said = document.createElement("div");
    fill(said, answer.html);
    if (answer.status === 200) {
      form.parentElement!.replaceChildren(said);
      began();
      void reheld();
    } else form.parentElement!.prepend(said);
    said.querySelector<HTMLElement>("[tabindex]")?.focus();
  };
}

function keep(near: string): void {
  void fetch("/shop/near", {
    method: "POST",
    body: new URLSearchParams({ near }),
    headers: { "X-Part": "1" },
    redirect: "manual",
  });
}

// --- forms that are sent once ---------------------------------------------------------------------

function free(form: HTMLFormElement): void {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}

function once(): void {
  on("submit", "[data-once]", (form, event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    setTimeout(() => free(form as HTMLFormElement), 20_000); // a network that was lost meanwhile
  });
}

/** She has come back from paying, and the bank has yet to say so. */
function awaits(): void {
  if (!document.querySelector("[data-awaiting]")) return;
  let left = 20;
  const timer = setInterval(() => {
    if (document.hidden) return;
    if (!left--) return clearInterval(timer);
    void fetch(location.href).then(async (answer) => {
      if (answer.ok && !(await answer.text()).includes("data-awaiting")) location.reload();
    }, () => undefined);
  }, 3000);
}

/** What only makes sense, or is only needless, where scripts run. */
function dress(within: ParentNode): void {
  for (const one of all("[data-plain]", within)) one.hidden = true;
  for (const one of all("[data-copy]", within)) one.hidden = false;
  if (navigator.geolocation) for (const one of all("[data-locate]", within)) one.hidden = false;
  if (matchMedia("(min-width: 62em)").matches) {
    for (const one of all<HTMLDetailsElement>("[data-open-wide]", within)) {
      one.open = true;
      for (const done of all("[data-done]", one)) done.hidden = true;
    }
  }
}

on("click", "[data-copy]", (button) => {
  const field = document.getElementById(button.dataset.copy!) as HTMLInputElement;
  field.select();
  void navigator.clipboard?.writeText(field.value).then(() => say(words.copied!));
});

document.documentElement.classList.add("js");
// Back leads to what this page shows, and does not ask whether to send its form once more.
const { at } = document.body.dataset;
if (at) history.replaceState(history.state, "", at);
dress(document);
consents();
all("script[data-told]").forEach(tell);
carts();
live();
suggest();
lists();
product();
once();
awaits();

export {};
