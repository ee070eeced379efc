"""The style of the page (`page.css`), and what the page may do at all."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")

POLICY = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)
"""Nothing but show itself, in this very style: no script, no request, no form."""
