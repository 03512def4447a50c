"""Going through a page by the keyboard, and seeing where one is."""

from __future__ import annotations

from typing import Any  # Any: Playwright's objects, which are loaded only where there is a browser

MOST = 70  # stops on one page

# What has the focus now, in a few words; empty after the last.  `seen`: whether anything says so:
# the element itself, or what stands for it where it is drawn by its label.
FOCUSED = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const shows = (one) => {
    if (!one) return false;
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
      && !/, 0\\)$/.test(style.outlineColor);
  };
  const stands = [it, it.nextElementSibling, it.closest("label"), it.parentElement,
    it.closest(".card")?.querySelector(".shot")];
  const name = it.ariaLabel || it.textContent.trim().slice(0, 30) || it.id || it.name;
  return { name: `${it.tagName.toLowerCase()} ${name}`, seen: stands.some(shows) };
}"""


def tabbed(page: Any) -> list[dict[str, Any]]:
    """What one comes to by Tab, from the beginning of the page."""
    found: list[dict[str, Any]] = []
    page.locator(".skip").focus()
    while len(found) < MOST:
        page.keyboard.press("Tab")
        one = page.evaluate(FOCUSED)
        if one is None:
            break
        found.append(one)
    return found


def unseen(page: Any) -> set[str]:
    """What one comes to that does not say that one is there."""
    came_to = tabbed(page)
    if len(came_to) <= 3:
        return {"nothing is come to"}
    return {one["name"] for one in came_to if not one["seen"]}
