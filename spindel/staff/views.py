"""One's own account; the people who work here, and the machines that may come in."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spindel.kit import environment, saying
from spindel.kit.refusal import Refusal
from spindel.staff import actions, links, sessions, stores
from spindel.staff.forms import ListQuery, NewPassword, NewPerson, NewToken, RoleForm, StoreForm
from spindel.staff.models import ApiToken, Role, Scope, User
from spindel.staff.permissions import requires

_PAGE = 50

# --- one's own account ----------------------------------------------------------------------------


@requires("account.own")
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Password, two-step login, passkeys, and where one is logged in."""
    user = _me(request)
    own = list(Authenticator.objects.filter(user=user).order_by("pk"))
    codes = _one(own, Authenticator.Type.RECOVERY_CODES)
    has_step = any(one.type != Authenticator.Type.RECOVERY_CODES for one in own)
    return render(
        request,
        "staff/account.html",
        {
            "has_password": user.has_usable_password(),
            "app": _one(own, Authenticator.Type.TOTP),
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
            "passkeys": [one for one in own if one.type == Authenticator.Type.WEBAUTHN],
            "must_set_up": environment.switch("SPINDEL_REQUIRE_MFA") and not has_step,
            "devices": sessions.devices(user, request.session),
        },
    )


def _one(own: list[Authenticator], type: str) -> Authenticator | None:
    return next((one for one in own if one.type == type), None)


@requires("account.own")
@require_POST
def end_device(request: HttpRequest, id: int) -> HttpResponse:
    """Log out on one of one's devices."""
    sessions.end(_me(request), id)
    messages.success(request, _("Logged out there."))
    return redirect("account")


@requires("account.own")
@require_POST
def end_other_devices(request: HttpRequest) -> HttpResponse:
    """Log out everywhere but here."""
    sessions.end_all(_me(request), but=request.session)
    messages.success(request, _("Logged out everywhere else."))
    return redirect("account")


@requires("account.own")
@require_GET
def to_account(request: HttpRequest) -> HttpResponse:
    """Where allauth has pages of its own, ours is the one page."""
    return redirect("account")


@require_POST
def other_login(request: HttpRequest) -> HttpResponse:
    """Give up a login that waits for its second step."""
    logout(request)
    return redirect("account_login")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password by the link that an administrator has handed over."""
    user = links.find(token)
    if user is None:
        return render(request, "staff/link_is_void.html", status=410)
    form = NewPassword(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.set_password_by_link(token, form.cleaned_data["password1"])
        except Refusal:  # used in another tab meanwhile
            return render(request, "staff/link_is_void.html", status=410)
        messages.success(request, _("Your password is set. Log in with it."))
        return redirect("account_login")
    return render(request, "staff/welcome.html", {"person": user, "form": form})


# --- people ---------------------------------------------------------------------------------------


@requires("people.manage")
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Who works here."""
    found = _with_two_step(User.objects.all()).order_by("-is_active", "name", "email")
    page = _page(request, found)
    named = stores.of([one.pk for one in page])
    rows = [(one, named[one.pk][1] if one.pk in named else "") for one in page]
    return render(request, "staff/people.html", {"page": page, "rows": rows})


def _with_two_step(users: QuerySet[User]) -> QuerySet[User]:
    own = Authenticator.objects.filter(user=OuterRef("pk"))
    steps = own.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return users.annotate(has_two_step=Exists(steps))


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """Let somebody in."""
    form = NewPerson(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        user = actions.invite(
            said["email"], said["name"], Role(said["role"]), _me(request), said["store"]
        )
        return redirect("person", user.pk)
    context = {"form": form, "roles": Role.choices, "stores": stores.choices()}
    return render(request, "staff/new_person.html", context)


@requires("people.manage")
@require_GET
def person(request: HttpRequest, id: int) -> HttpResponse:
    """One person: role, store, link, two-step login, and whether she may come in."""
    user = get_object_or_404(_with_two_step(User.objects.all()), pk=id)
    token = links.token(user)
    return render(
        request,
        "staff/person.html",
        {
            "person": user,
            "roles": Role.choices,
            "stores": stores.choices(),
            "store": stores.of([user.pk]).get(user.pk, ("", ""))[0],
            "is_me": user.pk == _me(request).pk,
            "own_url": reverse("account"),
            "link": request.build_absolute_uri(reverse("welcome", args=[token])) if token else "",
            "link_until": user.link_made_at and user.link_made_at + links.LASTS,
        },
    )


@requires("people.manage")
@require_POST
def change_person(request: HttpRequest, id: int, what: str) -> HttpResponse:
    """Do one of the things that the person's page offers."""
    get_object_or_404(User, pk=id)
    me = _me(request)
    try:
        match what:
            case "role":
                form = RoleForm(request.POST)
                if not form.is_valid():
                    raise BadRequest
                user = actions.change_role(id, Role(form.cleaned_data["role"]), me)
                said = _("%(name)s has the role %(role)s now.")
            case "store":
                user = actions.change_store(id, StoreForm(request.POST).values["store"], me)
                said = _("The store of %(name)s is changed.")
            case "link":
                user = actions.make_link(id, me)
                said = _("There is a new link.")
            case "two-step":
                user = actions.reset_two_step(id, me)
                said = _("The two-step login of %(name)s is taken away.")
            case "close":
                user = actions.close_account(id, me)
                said = _("%(name)s can't log in any more.")
            case "open":
                user = actions.open_account(id, me)
                said = _("%(name)s can log in again.")
            case other:
                raise Http404(other)
        messages.success(request, said % {"name": user, "role": user.get_role_display()})
    except Refusal as no:
        messages.error(request, saying.in_words(no))
    return redirect("person", id)


# --- machines -------------------------------------------------------------------------------------


@requires("tokens.manage")
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The machines' tokens; a new one's secret is in the answer to the form, and nowhere else."""
    form = NewToken(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"scopes": Scope.choices}
    if form.is_valid():
        scopes = [Scope(scope) for scope in form.cleaned_data["scopes"]]
        token, secret = actions.create_token(form.cleaned_data["name"], scopes, _me(request))
        context |= {"made": token, "secret": secret}
        form = NewToken()
    found = ApiToken.objects.select_related("created_by").order_by("revoked_at", "-pk")
    return render(
        request, "staff/tokens.html", {"form": form, "page": _page(request, found), **context}
    )


@requires("tokens.manage")
@require_http_methods(["GET", "POST"])
def revoke_token(request: HttpRequest, id: int) -> HttpResponse:
    """Ask, and then keep the machine out."""
    token = get_object_or_404(ApiToken, pk=id)
    if request.method == "POST":
        actions.revoke_token(token.pk, _me(request))
        messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": token})
        return redirect("tokens")
    return render(request, "staff/revoke_token.html", {"token": token})


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _page(request: HttpRequest, found: QuerySet) -> Page:  # type: ignore[type-arg]  # any model's
    return Paginator(found, _PAGE).get_page(ListQuery(request.GET).values["page"])
