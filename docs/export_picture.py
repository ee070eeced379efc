"""Draws `docs/images/export.png`: the exported page of the recorded Python sample in a real browser.

Needs Chromium (Debian's package is enough) and Pillow, which CairoSVG brings along. Fails when the page asks
the network for anything.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from core.exports.html import page
from core.journal_recording import open_recording

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "export.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class View(NamedTuple):
    """`top` is the first row of the page that is seen."""

    width: int
    scheme: str
    top: int = 0


# Beside each other: the page from its top, and its third chunk in a narrow window.
VIEWS = (View(1100, "light"), View(560, "dark", 5_655))
HEIGHT = 1450
COLOURS = 256


class Server(http.server.SimpleHTTPRequestHandler):
    """Remembers what it was asked for."""

    asked: list[str] = []  # noqa: RUF012 (one server, one list)

    def log_message(self, format: str, *args: object) -> None:
        self.asked.append(self.path)


def main() -> int:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"no browser found; looked for {', '.join(BROWSERS)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        text = "".join(page(open_recording(ROOT / "tests" / "journals" / "python")))
        (place / "run.html").write_text(text, encoding="utf-8")
        server = http.server.HTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/run.html"
        shots = [shot(browser, address, place, view) for view in VIEWS]
        server.shutdown()
        beside(shots).save(PICTURE, optimize=True)
    if set(Server.asked) != {"/run.html"}:
        print(f"the page asked for more than itself: {sorted(set(Server.asked))}", file=sys.stderr)
        return 1
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB")
    return 0


def shot(browser: str, address: str, folder: Path, view: View) -> Image.Image:
    path = folder / f"{view.scheme}.png"
    subprocess.run(
        [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--hide-scrollbars",
            f"--blink-settings=preferredColorScheme={0 if view.scheme == 'dark' else 1}",
            f"--window-size={view.width},{view.top + HEIGHT}",
            f"--screenshot={path}",
            address,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return Image.open(path).convert("RGB").crop((0, view.top, view.width, view.top + HEIGHT))


def beside(shots: list[Image.Image]) -> Image.Image:
    whole = Image.new("RGB", (sum(each.width for each in shots), HEIGHT))
    at = 0
    for each in shots:
        whole.paste(each, (at, 0))
        at += each.width
    # Not the median cut: it has no room for the few red marks.
    return whole.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)


if __name__ == "__main__":
    raise SystemExit(main())
