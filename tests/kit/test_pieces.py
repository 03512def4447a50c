"""The pieces that pages repeat: what they say is escaped, and what is nothing is left out."""

from __future__ import annotations

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError


def _page(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_the_head_of_a_page_has_a_place_for_what_is_done_here_only_where_something_is() -> None:
    source = "{% page_head title %}<p>of it</p>{% actions %}{% if may %}<a>do</a>{% endif %}"
    source += "{% endpage_head %}"
    head = '<header class="page-head"><div><h1>{}</h1><p>of it</p></div>{}</header>'
    done = '<div class="head-actions"><a>do</a></div>'
    assert _page(source, title="Orders", may=True) == head.format("Orders", done)
    assert _page(source, title="<b>", may=False) == head.format("&lt;b&gt;", "")
    assert "<h1>Orders</h1></div>" in _page('{% page_head "Orders" %}{% endpage_head %}')


def test_the_head_of_a_page_says_what_it_takes() -> None:
    with pytest.raises(TemplateSyntaxError, match="page_head"):
        Template("{% page_head %}{% endpage_head %}")


def test_a_card_is_named_by_its_title_and_has_a_count_only_where_there_is_one() -> None:
    source = '{% card "kept" title "open" mark="bookmark" count=n %}{{ name }}{% endcard %}'
    card = _page(source, title="Kept <now>", n=3, name="A&B")
    assert card.startswith('<section class="card open" aria-labelledby="kept">')
    assert '<h2 class="card-title" id="kept">' in card
    assert "Kept &lt;now&gt; <span" in card
    assert card.endswith(">3</span></h2>A&amp;B</section>")
    assert "open-count" not in _page(source, title="Kept", n=0)


def test_the_way_back_and_the_next_part_of_a_list_lead_where_they_say() -> None:
    assert 'href="/customers/7/"' in _page('{% back name "customer" 7 %}', name="Åse & co")
    assert "Åse &amp; co</a>" in _page('{% back name "customer" 7 %}', name="Åse & co")
    address = "/orders/?q=%3C&amp;before=2"
    link = _page('{% older %}{% url "orders" %}?{{ more }}{% endolder %}', more="q=%3C&before=2")
    assert f'href="{address}" hx-get="{address}"' in link
    assert link.endswith(">Older</a>")


class _Named(forms.Form):
    name = forms.CharField(max_length=3)


def test_what_is_wrong_with_a_field_stands_under_its_box_and_is_read_out() -> None:
    source = '{% field form.name "Name" %}<input name="name">{% endfield %}'
    box = '<label class="form-label" for="id_name">Name</label><input name="name">'
    assert _page(source, form=_Named()) == box
    wrong = _page(source, form=_Named({"name": "<Åsa>"}))
    assert wrong.startswith(box + '<span class="field-error" role="alert" id="id_name_error">')
    assert "at most 3 characters" in wrong


@pytest.mark.parametrize(
    ("source", "is_checked"),
    [
        ('{% check "line" 2 now=lines %}Shoe{% endcheck %}', True),
        ('{% check "line" 3 now=lines %}Shoe{% endcheck %}', False),
        ('{% check "why" "fit" now=why %}Fit{% endcheck %}', True),
        ('{% check "why" "fi" now=why %}Fit{% endcheck %}', False),
        ('{% check "holds" "yes" chosen=True %}Hold{% endcheck %}', True),
        ('{% check "holds" "yes" %}Hold{% endcheck %}', False),
    ],
)
def test_a_box_is_checked_by_what_the_field_has(source: str, is_checked: bool) -> None:
    assert ("checked" in _page(source, lines=[1, 2], why="fit")) is is_checked
