"""What every test here asks of Spendlight and of the stand-in, and how a check is counted.

Deliberately not here: starting either of them (sdk_test.py, replay_test.py) and what is expected of them.
"""

import json
import sys
import time
import urllib.error
import urllib.request

COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
PATIENCE_SECONDS = 10


class Checks:
    """Counts what was expected; a failure is told and does not end the run."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, name, holds, told=""):
        if holds:
            self.passed += 1
            print(f"ok: {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED: {name}{f': {told}' if told else ''}", flush=True)
        return holds

    def attempt(self, name, test):
        """A test that passes where it raises nothing."""
        try:
            test()
        except Exception as e:  # whatever a client library raises is a failed check, not the end of the run
            self.check(name, False, f"{type(e).__name__}: {e}"[:2000])
        else:
            self.check(name, True)

    def end(self):
        """Prints the line that tools/test counts, and ends with 1 where anything failed."""
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def ask(base, method, path, value=None, token=None):
    """(status, answer)"""
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    body = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(base + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"null")


def until(what, question):
    """Asks again until the answer is true to Python; fails with what was waited for."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (answer := question()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.02)
    return answer


class Ledger:
    """Spendlight's API, as its owner asks it."""

    def __init__(self, base, token):
        self.base, self.token = base, token

    def get(self, path):
        status, answer = ask(self.base, "GET", path)
        assert status == 200, f"GET {path}: {status} {answer}"
        return answer

    def owner(self, method, path, value=None):
        status, answer = ask(self.base, method, path, value, self.token)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def without_budgets(self):
        for budget in self.get("/v1/budgets")["budgets"]:
            self.owner("DELETE", f"/v1/budgets/{budget['id']}")

    def entries(self, asked="limit=500"):
        """All entries that `asked` selects, newest first."""
        found, cursor = [], ""
        while True:
            page = self.get(f"/v1/entries?{asked}{cursor}")
            found += page["entries"]
            if not page["next_cursor"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def entry(self, call_id):
        """The entry of a call; a streamed call may settle just after its last byte."""

        def found():
            status, answer = ask(self.base, "GET", f"/v1/entries/{call_id}")
            return answer if status == 200 else None

        return until(f"the entry of {call_id}", found)

    def new_entries(self, known, count):
        """The entries beyond the ids in `known`, oldest first; waits until there are `count`."""

        def found():
            new = [entry for entry in self.get("/v1/entries?limit=100")["entries"] if entry["call_id"] not in known]
            return new[::-1] if len(new) >= count else None

        return until(f"{count} new entries", found) if count else []

    def nothing_held(self):
        """Waits until no ceiling is held, which may be a moment after the last byte."""

        def free():
            status = self.get("/v1/status")
            return not status["in_flight_count"] and not any(budget["reserved"] for budget in status["budgets"])

        until("no ceiling is held", free)

    def exhaust(self, id_, name, scope):
        """A budget that nothing fits in, and that a record has used up."""
        budget = {"name": name, "scope": scope, "window": "day", "unit": "usd", "limit": 0.000001, "action": "block"}
        self.owner("POST", "/v1/budgets", {"id": id_, **budget, "limit": 1})
        self.owner("PUT", f"/v1/budgets/{id_}", budget)


class Seen:
    """What arrived at the stand-in."""

    def __init__(self, base):
        self.base = base

    def forget(self):
        ask(self.base, "DELETE", "/_seen")

    def told(self):
        return ask(self.base, "GET", "/_seen")[1]


def differences(entry, want):
    """What an entry says otherwise than `want`, as text."""
    return [f"{key} is {entry.get(key)!r}, not {value!r}" for key, value in want.items() if entry.get(key) != value]
