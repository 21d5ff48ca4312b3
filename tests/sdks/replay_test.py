#!/usr/bin/env python3
"""Replays exchanges through Spendlight, then lets providers fail and clients leave, mixed under load.

    replay_test.py SPENDLIGHT [COUNT]       COUNT of each fault; 500 where it is not given

Where the recorded exchanges are at hand (the folder that SPENDLIGHT_SHARED names, or `../shared`), those are
replayed too.
"""

import asyncio
import collections
import os
import pathlib
import subprocess
import sys

from asking import Checks
from driving import drive_all
from faults import load, mixed, wrong_entries
from replaying import load as written
from starting import HERE, Process, Spendlight, stand_in

GROWTH_KIB = 24 * 1024
TOLD = 12


def with_spendlight(program, upstream, test):
    try:
        spendlight = Spendlight(program, upstream.base)
        try:
            test(spendlight)
        finally:
            spendlight.stop()
    finally:
        upstream.stop()


def own(checks, program):
    def test(spendlight):
        drive_all(spendlight.base, written(), spendlight.ledger, checks)
        checks.attempt("no call is held after the exchanges", lambda: spendlight.ledger.nothing_held())

    with_spendlight(program, Process(sys.executable, str(HERE / "replaying.py")), test)


def recorded(checks, program):
    shared = pathlib.Path(os.environ.get("SPENDLIGHT_SHARED") or HERE.parents[1] / ".." / "shared")
    replay = (shared / "replay" / "replay.py").resolve()
    if not replay.is_file():
        print(
            "skipped: recorded_exchanges: no recorded exchanges (set SPENDLIGHT_SHARED to what holds replay/)",
            file=sys.stderr,
        )
        return

    def test(spendlight):
        drive = subprocess.run(
            [sys.executable, str(replay), "drive", "--proxy", spendlight.base], capture_output=True, text=True
        )
        checks.check(
            "recorded exchanges: 1037 of 1037",
            drive.returncode == 0 and "\n1037 of 1037 " in drive.stdout,
            drive.stdout[-4000:] + drive.stderr[-1000:],
        )
        checks.attempt("no call is held after the recorded exchanges", lambda: spendlight.ledger.nothing_held())

    with_spendlight(program, Process(sys.executable, str(replay), "serve", "--port", "0"), test)


def faults(checks, program, count):
    def test(spendlight):
        spendlight.ledger.owner(
            "POST",
            "/v1/budgets",
            {"id": "plenty", "name": "Plenty", "scope": {}, "window": "total", "unit": "usd", "limit": 1_000_000},
        )
        calls, resident_kib = [], []
        # The first half fills what is kept from call to call; the second must not need more.
        for half in (mixed((count + 1) // 2), mixed(count // 2)):
            asyncio.run(load(spendlight.base, half))
            calls += half
            checks.attempt(f"no hold is left after {len(calls)} calls", lambda: spendlight.ledger.nothing_held())
            resident_kib.append(spendlight.resident_kib())
        entries = spendlight.ledger.entries()
        wrong = collections.Counter(wrong_entries(calls, entries))
        checks.check(
            f"one entry of each of {len(calls)} calls, and it is right",
            not wrong,
            "; ".join(f"{times}x {what}" for what, times in wrong.most_common(TOLD)),
        )
        standing = spendlight.ledger.get("/v1/status")["budgets"][0]
        spent = sum(round(entry["cost_usd"] * 1e9) for entry in entries)
        checks.check(
            "the budget has used what the entries cost", round(standing["used"] * 1e9) == spent, f"{standing} {spent}"
        )
        if None not in resident_kib:
            grown = resident_kib[1] - resident_kib[0]
            checks.check("memory is flat", grown < GROWTH_KIB, f"{resident_kib} KiB")
        checks.check("Spendlight is alive", spendlight.app.alive())

    with_spendlight(program, stand_in(), test)


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 500
    checks = Checks()
    checks.attempt("own exchanges", lambda: own(checks, program))
    checks.attempt("recorded exchanges", lambda: recorded(checks, program))
    checks.attempt("faults", lambda: faults(checks, program, count))
    checks.end()


if __name__ == "__main__":
    main()
