"""Starts the stand-in and Spendlight in front of it, each on a free port of loopback, and ends them again.

Deliberately not here: what is asked of them (asking.py).
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from asking import Ledger

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "desktop"))
from spendlight_app import App  # noqa: E402  (its place is known only now)

DIALECTS = {
    "gemini": "gemini",
    "anthropic": "anthropic",
    **dict.fromkeys(
        ("openai", "groq", "mistral", "openrouter", "cerebras", "deepseek", "xai", "together", "fireworks"), "openai"
    ),
}


class Process:
    """A program that prints its address first."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        printed = self.process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", printed)
        if not address:
            raise RuntimeError(f"{command[0]} prints no address: {printed!r}")
        self.base = address.group()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


def stand_in():
    return Process(sys.executable, str(HERE / "provider.py"))


class Spendlight:
    """A server with a new ledger, without budgets, and with every provider at `upstream`."""

    def __init__(self, program, upstream):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spendlight-sdks-"))
        # No test waits for the network: the price list is the bundled one.
        said = ['price_feed = "http://127.0.0.1:9/"']
        for name, dialect in DIALECTS.items():
            said += [f"[providers.{name}]", f'upstream = "{upstream}"', f'dialect = "{dialect}"']
        config = self.folder / "config.toml"
        config.write_text("\n".join(said) + "\n")
        self.app = App(program, self.folder, ("--config", str(config), "serve"))
        if not self.app.ready():
            printed = self.app.printed()
            self.stop()
            raise RuntimeError(f"Spendlight does not start: {printed}")
        self.base = f"http://{self.app.address}"
        self.ledger = Ledger(self.base, self.app.token)
        self.ledger.without_budgets()

    def resident_kib(self):
        """Memory in use, in KiB; none where the system does not tell."""
        try:
            status = pathlib.Path(f"/proc/{self.app.process.pid}/status").read_text()
        except OSError:
            return None
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))

    def stop(self):
        self.app.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
