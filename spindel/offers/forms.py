"""What is typed and tapped of offers."""

from __future__ import annotations

from django import forms

from spindel.kit.forms import QuietForm
from spindel.offers.models import Offer


class OffersQuery(QuietForm):
    """Which offers are listed: those in a state, from after a key on."""

    state = forms.ChoiceField(choices=Offer.State.choices, required=False)
    after = forms.SlugField(max_length=80, required=False)


class StateForm(forms.Form):
    """Whether an offer is to be given."""

    state = forms.ChoiceField(choices=[one for one in Offer.State.choices if one[0] != "draft"])
