"""The pictures of the page in docs/screenshots, taken by a real Chromium of a fresh registry with invented trials."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from deploy.first_minute import free_port, shows_trials

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "screenshots"
RUN: Final = (sys.executable, "-c", "from registry.cli import main; main()", "run", "--demo")
PATIENCE: Final = 120.0
LARGEST: Final = 250_000
"""Bytes that a picture may have: the README shows them all."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in a window. `follow`: of the page, its first trial is taken."""

    name: str
    path: str
    window: dict[str, Any]
    follow: bool = False


DESKTOP: Final = {"viewport": {"width": 1280, "height": 860}}
PHONE: Final = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1.5, "is_mobile": True}
PICTURES: Final = (
    Picture("desktop-ja", "/?q=癌&authorisation=published", DESKTOP | {"locale": "ja-JP"}),
    Picture("desktop-en", "/en/?q=cancer&authorisation=published", DESKTOP | {"locale": "en-GB"}),
    Picture(
        "phone-ja", "/?q=癌&authorisation=published&recruitment=recruiting", PHONE | {"locale": "ja-JP"}, follow=True
    ),
    Picture(
        "phone-en",
        "/en/?q=cancer&authorisation=published&recruitment=recruiting",
        PHONE | {"locale": "en-GB"},
        follow=True,
    ),
)


def main() -> int:
    """Starts a registry, takes every picture, stops it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("screenshots: run deploy/prerequisites chromium japanese-font")
    address = f"http://127.0.0.1:{(port := free_port())}"
    settings = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    with tempfile.TemporaryDirectory(prefix="registry-screenshots-") as data:
        started = subprocess.Popen(
            RUN,
            cwd=ROOT,
            env={**settings, "REGISTRY_DATA": data, "REGISTRY_PORT": str(port)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until_shown(started, address)
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                return max(take(browser, address, picture) for picture in PICTURES)
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(60)


def until_shown(started: subprocess.Popen[bytes], address: str) -> None:
    """Returns when the page shows trials; raises SystemExit if the registry ended or hung before."""
    ends = time.monotonic() + PATIENCE
    while not shows_trials(address):
        if started.poll() is not None or time.monotonic() > ends:
            sys.exit("screenshots: the registry showed no trials")
        time.sleep(0.1)


def take(browser: Browser, address: str, picture: Picture) -> int:
    """Takes one picture; returns 1 if it is too large to be kept."""
    context = browser.new_context(**picture.window)
    page = context.new_page()
    page.goto(address + picture.path)
    if picture.follow:
        page.locator(".hit h3 a").first.click()
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{picture.name}.png"
    page.screenshot(path=file)
    context.close()
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}  {size:,} bytes")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
