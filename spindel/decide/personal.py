"""Content is nobody's; what customers have seen of it and dismissed are their facts."""

from __future__ import annotations

FREE = {
    "decide_content": "what is shown, not to whom",
    "decide_contentversion": "what was shown, and who here had it so",
}
