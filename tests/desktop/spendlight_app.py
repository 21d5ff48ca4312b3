"""Spendlight as a test sees it: the program, its data folder, its address and its owner's token.

Deliberately not here: the desktop around it (small_desktop) and what is expected of it.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


class App:
    """One run of the program. The data folder outlives it, so that the next run finds the same ledger."""

    def __init__(self, program, data=None, args=("--hidden",), env=None, without=(), port=0):
        self.program = program
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="spendlight-test-"))
        surroundings = {k: v for k, v in os.environ.items() if k not in without}
        surroundings.update(env or {})
        self.log = open(self.data / "test.log", "a+b")
        self.process = subprocess.Popen(
            [program, "--data-dir", str(self.data), "--port", str(port), *args],
            env=surroundings, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        self.address, self.token = None, None

    def printed(self):
        return (self.data / "test.log").read_text(errors="replace")

    def ready(self, seconds=20.0):
        """Waits until it answers; whether it does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.address = re.search(r"[\d.]+:\d+", (self.data / "address").read_text()).group()
                self.token = (self.data / "owner-token").read_text().strip()
                self.get("/v1/status")
                return True
            except (OSError, AttributeError):
                time.sleep(0.05)
        return False

    def ask(self, method, path, value=None, owner=True):
        """(status, answer)"""
        headers = {"content-type": "application/json"}
        if owner:
            headers["authorization"] = f"Bearer {self.token}"
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"http://{self.address}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or b"null")

    def get(self, path):
        return self.ask("GET", path)[1]

    def spend(self, usd, provider="openai"):
        """Records a call that cost so much."""
        model = {"openai": "gpt-5-mini", "gemini": "gemini-2.5-flash"}[provider]
        status, answer = self.ask("POST", "/v1/record", {
            "provider": provider, "model": model, "input_tokens": 100, "output_tokens": 10, "cost_usd": usd}, owner=False)
        assert status == 201, f"a call is recorded: {status} {answer}"

    def alive(self):
        return self.process.poll() is None

    def family(self):
        """The ids of its processes: its own, and those of its web views."""
        parents = {}
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue  # it has ended meanwhile
        found = [self.process.pid]
        for known in found:
            found += [child for child, parent in parents.items() if parent == known]
        return found

    def loaded(self, *parts):
        """The libraries the program itself has loaded whose paths have one of these parts."""
        maps = pathlib.Path(f"/proc/{self.process.pid}/maps").read_text().splitlines()
        return sorted({path for path in (line.split(maxsplit=5)[-1] for line in maps) if any(part in path for part in parts)})

    def memory_mb(self, kinds="Private_Dirty|Swap"):
        """What its processes hold that the machine cannot take back, in MB. What they have read of files and not changed,
        the code of libraries above all, is no part of it: it is there once for all programs, and dropped when room is needed.
        """
        total = 0
        for pid in self.family():
            try:
                rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            total += sum(int(kb) for kb in re.findall(rf"^(?:{kinds}):\s+(\d+) kB", rollup, re.MULTILINE))
        return total / 1024

    def ended(self, seconds=10.0):
        """The exit status, or none if it still runs."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        if self.alive():
            self.process.terminate()
            if self.ended() is None:
                self.process.kill()
        self.log.close()


def windows():
    """The ids of Spendlight's windows on the screen."""
    shown = subprocess.run(["wmctrl", "-l"], capture_output=True, text=True).stdout
    return [line.split()[0] for line in shown.splitlines() if line.endswith(" Spendlight")]


def glances():
    """The ids of the small windows that the light opens."""
    shown = subprocess.run(["wmctrl", "-l"], capture_output=True, text=True).stdout
    return [line.split()[0] for line in shown.splitlines() if line.endswith(" Spendlight at a glance")]


def place(window):
    """Where a window stands and how large it is: (left, top, width, height)."""
    said = subprocess.run(["xdotool", "getwindowgeometry", "--shell", window], capture_output=True, text=True).stdout
    values = dict(line.split("=") for line in said.split())
    return tuple(int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))


def press(window, key):
    """Presses a key in a window as a person would, who has clicked into it."""
    subprocess.run(["xdotool", "windowfocus", "--sync", window, "key", "--window", "0", key])


def close_windows():
    for window in windows():
        subprocess.run(["wmctrl", "-i", "-c", window])


def pixels(window):
    """What a window shows, as raw bytes."""
    return subprocess.run(["import", "-silent", "-window", window, "-depth", "8", "rgb:-"], capture_output=True).stdout


def differ(one, other):
    """The share of two pictures' bytes that differ."""
    if len(one) != len(other) or not one:
        return 1.0
    return sum(a != b for a, b in zip(one[::7], other[::7])) / (len(one) / 7)


def clipboard():
    """The text in the clipboard, as another program reads it; none where this machine has nothing to read it with."""
    script = ("import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk, Gdk;"
              "print(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text() or '', end='')")
    try:
        read = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True, timeout=10)
    except subprocess.TimeoutExpired:
        return ""
    return read.stdout if read.returncode == 0 else None
