/**
 * What the visitor sees in the page's places: asked of Spindel, and put over what the page has there
 * itself, which keeps its room, so that nothing moves. Loaded when a page uses it.
 */
import { guard, stringify } from "./plain.js";

/** A picture, with its size in pixels. */
export interface Picture {
  url: string;
  width: number;
  height: number;
}

/** Something to be seen in a placement. */
export interface Content {
  key: string;
  version: number;
  offer: string;
  title: string;
  text: string;
  link: string;
  alt: string;
  picture: Picture | null;
  /** What is left out on this screen. */
  without: string[];
}

/** What the client tells this part of the script, and does for it. */
export interface Host {
  readonly url: string;
  readonly writeKey: string;
  readonly market: string | undefined;
  /** The visitor's id; none where she has not agreed to be recognised. */
  visitor(): string | undefined;
  track(event: string, properties: Record<string, unknown>): void;
}

const LATE = 2_500; // ms after the page began; then what the page has itself stays
const LABELS: Record<string, string> = {
  sv: "Visa inte igen",
  da: "Vis ikke igen",
  en: "Don’t show this again",
};

interface Sees {
  placement: string;
  items: Content[];
}

/** What she sees in each of the placements; nothing where Spindel can't be asked. */
async function ask(host: Host, placements: string[], product: string): Promise<Map<string, Content[]>> {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 10_000);
  const answer = await fetch(`${host.url}/api/decide/page?key=${encodeURIComponent(host.writeKey)}`, {
    method: "POST",
    // No header of our own: the browser need not ask first whether it may.
    body: stringify({
      placements,
      product,
      browser: host.visitor(),
      market: host.market,
      screen: screenOf(innerWidth),
      language: language(),
    }),
    credentials: "omit",
    signal: stop.signal,
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const { placements: told } = (await answer.json()) as { placements: Sees[] };
  return new Map(told.map((one) => [one.placement, one.items]));
}

function screenOf(width: number): string {
  return width < 640 ? "phone" : width < 1024 ? "tablet" : "laptop";
}

function language(): string {
  const said = document.documentElement.lang.slice(0, 2).toLowerCase();
  return said in LABELS ? said : "en";
}

export async function decide(host: Host, placement: string, product = ""): Promise<Content[]> {
  try {
    return (await ask(host, [placement], product)).get(placement) ?? [];
  } catch {
    return [];
  }
}

/** Fill the places that are marked in the page, each once. */
export async function fill(host: Host): Promise<void> {
  const places = [...document.querySelectorAll<HTMLElement>("[data-spindel-place]")].filter(
    (one) => !one.dataset.spindel,
  );
  for (const place of places) place.dataset.spindel = "waiting";
  const late = setTimeout(() => places.forEach(keep), Math.max(0, LATE - performance.now()));
  const products = new Set(places.map((one) => one.dataset.spindelProduct ?? ""));
  await Promise.all(
    [...products].map(async (product) => {
      const those = places.filter((one) => (one.dataset.spindelProduct ?? "") === product);
      const names = [...new Set(those.map((one) => one.dataset.spindelPlace!))];
      const found = await ask(host, names, product).catch(() => new Map<string, Content[]>());
      await Promise.all(
        those.map(async (place) => {
          // Of places of the same name the first has what comes first.
          const content = found.get(place.dataset.spindelPlace!)?.shift();
          if (content) await show(host, place, content);
          else keep(place);
        }),
      );
    }),
  );
  clearTimeout(late);
}

/** What the page has there itself stays. */
function keep(place: HTMLElement): void {
  if (place.dataset.spindel === "waiting") place.dataset.spindel = "own";
}

async function show(host: Host, place: HTMLElement, content: Content): Promise<void> {
  const over = made(content);
  const picture = over.querySelector("img");
  if (picture) await picture.decode().catch(() => picture.remove());
  if (place.dataset.spindel !== "waiting") return; // too late: somebody reads what is there
  const told = {
    promotion_id: content.key,
    name: content.title,
    creative: `${content.version}`,
    position: place.dataset.spindelPlace,
  };
  // Put over it, not in its stead: what the page has there keeps its room.
  place.style.visibility = "hidden";
  if (getComputedStyle(place).position === "static") place.style.position = "relative";
  Object.assign(over.style, {
    position: "absolute",
    inset: "0",
    overflow: "hidden",
    visibility: "visible",
  });
  over.querySelector("a")?.addEventListener("click", () => host.track("Promotion Clicked", told));
  over.querySelector("button")!.addEventListener("click", () => {
    host.track("Promotion Dismissed", told);
    over.remove();
    place.style.visibility = "";
    place.dataset.spindel = "own";
  });
  place.append(over);
  place.dataset.spindel = "shown";
  const look = new IntersectionObserver(
    (seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      look.disconnect();
      host.track("Promotion Viewed", told);
    },
    { threshold: 0.5 },
  );
  look.observe(place);
}

function made(content: Content): HTMLElement {
  const over = element("div", "spindel-content");
  const link = address(content.link);
  const inside = link ? element("a", "spindel-link") : element("div", "spindel-link");
  if (link) inside.setAttribute("href", link);
  if (content.picture) {
    const { url, width, height } = content.picture;
    const picture = element("img", "spindel-picture");
    picture.setAttribute("alt", content.alt);
    picture.setAttribute("width", `${width}`);
    picture.setAttribute("height", `${height}`);
    if (address(url)) picture.setAttribute("src", address(url));
    inside.append(picture);
  }
  for (const part of ["title", "text"] as const) {
    if (!content[part]) continue;
    const said = element("span", `spindel-${part}`);
    said.textContent = content[part];
    inside.append(said);
  }
  const close = element("button", "spindel-close");
  close.setAttribute("type", "button");
  close.setAttribute("aria-label", LABELS[language()]!);
  close.textContent = "×";
  over.append(inside, close);
  return over;
}

function element(name: string, of: string): HTMLElement {
  const made = document.createElement(name);
  made.className = of;
  return made;
}

/** The address, where a browser only goes there; else nothing. */
function address(told: string): string {
  const found = told && guard(() => new URL(told, location.href));
  return found && /^https?:$/.test(found.protocol) ? found.href : "";
}
