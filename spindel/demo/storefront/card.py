"""Her card on a page of its own, which is there without a network, too.

A service worker keeps the page and what it looks like; whoever logs out has it kept no longer.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from spindel.demo.storefront.spindel import Club
from spindel.demo.storefront.visiting import Visit

PAGE = "/shop/card/"

# What came last of the page, where nothing comes now. A page that leads elsewhere is no card.
_WORKER = """
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});
async function answer(request) {
  const kept = await caches.open("card");
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await kept.put(request, fresh.clone());
    return fresh;
  } catch {
    return (await kept.match(request, { ignoreVary: true })) ?? Response.error();
  }
}
"""

# The first time the page is there before its worker is.
_KEEPER = """
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/shop/card/worker.js").then(async () => {
    const looks = document.querySelector("link[rel=stylesheet]").href;
    const kept = await caches.open("card");
    await kept.addAll([location.pathname, looks]);
    document.body.dataset.kept = "yes";
  });
}
"""


async def card(request: Request) -> Response:
    """Her card; to the login, where it is not certain who she is."""
    visit = Visit(request)
    club, _ = await asyncio.gather(visit.peek(Club, "/api/shop/club"), visit.see_cart())
    if club is None or club.member is None:
        return visit.go("/shop/my#club")
    return visit.page("club_card.html", private=True, club=club)


async def worker(_: Request) -> Response:
    """What keeps the page."""
    return _script(_WORKER)


async def keeper(_: Request) -> Response:
    """What has it kept."""
    return _script(_KEEPER)


def _script(text: str) -> Response:
    headers = {"Cache-Control": "no-cache"}
    return Response(text, media_type="text/javascript", headers=headers)
