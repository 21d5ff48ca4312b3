#!/usr/bin/python3
"""The desktop, for real on a machine without a screen: tray, menu, window and notifications.

    tests/desktop/tray_test.py [PROGRAM]        (target/debug/spendlight-tray)

Needs xvfb dbus-x11 python3-dbus-next wmctrl imagemagick openbox. It starts a screen and a session's bus of its own, on
which nothing is started by itself, so what is missing stays missing. Prints a line for each check; the last says how many.
"""
import asyncio
import contextlib
import logging
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1] / "target/debug/spendlight-tray").resolve())
from screen import enter  # noqa: E402

enter(["/usr/bin/python3", __file__, PROGRAM])

from dbus_next import Message, MessageType  # noqa: E402
from small_desktop import NOTES, WATCHER, Desktop, until  # noqa: E402
from spendlight_app import App, clipboard, close_windows, differ, glances, pixels, place, press, windows  # noqa: E402

results = []


def check(name, holds, seen=""):
    results.append(bool(holds))
    print(f"ok {name}" if holds else f"FAIL {name}: {seen}", flush=True)


@contextlib.asynccontextmanager
async def app(**how):
    running = await asyncio.to_thread(lambda: App(PROGRAM, **how))
    try:
        yield running
    finally:
        running.stop()
        await until(lambda: not windows(), 5)
        if "data" not in how:
            shutil.rmtree(running.data, ignore_errors=True)


async def window(seconds=15.0):
    found = await until(windows, seconds)
    return found[0] if found else None


async def still(shown, seconds=15.0):
    """What a window shows once it has drawn something and rests; a cursor may blink."""
    before, end = b"", asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.7)
        now = await asyncio.to_thread(pixels, shown)
        if len(set(now[::101])) > 16 and differ(before, now) < 0.001:
            return now
        before = now
    return before


async def no_window():
    close_windows()
    return await until(lambda: not windows(), 5)


def timeless(sentence):
    """A sentence without its forecast, which moves while nothing happens; the tray follows once a minute."""
    return re.sub(r"\d\d:\d\d|\d+ [A-Z][a-z]{2}\b", "then", sentence)


async def settled(run, desktop):
    """The item once it shows what the status says, whatever that is by now."""
    async def same():
        item = await desktop.item()
        status = await asyncio.to_thread(run.get, "/v1/status")
        shown = [item.tooltip, (await item.menu())[0]["text"]] if item else []
        wanted = [status["sentence"], status["short"].replace("\u00a0", " ")]
        return item if [timeless(text) for text in shown] == [timeless(text) for text in wanted] else None
    return await until(same, 5)


async def the_light(desktop):
    """Levels, fill, tooltip, menu and notifications, as a day's money is spent."""
    data = tempfile.mkdtemp(prefix="spendlight-test-")
    async with app(data=data) as run:
        check("it answers", await asyncio.to_thread(run.ready), run.printed())
        item = await until(desktop.item, 15)
        check("an item registers", item, run.printed())
        check("the item is Spendlight's", item.properties["Id"] == "spendlight" and item.properties["Title"] == "Spendlight", item.properties)
        check("hidden means no window", not windows())
        item = await settled(run, desktop)
        check("the tooltip is the state's sentence", item, run.get("/v1/status")["sentence"])
        status, empty = run.get("/v1/status"), item.filled
        texts = [entry["text"] for entry in await item.menu()]
        lines = [line["menu_line"].replace("\u00a0", " ") for line in status["budgets"]]
        check("the menu is the design's", texts == [
            status["short"].replace("\u00a0", " "), "-", *lines, "-", "Open Spendlight", "Alerts", "-", "Pause all calls", "Raise until midnight", "-",
            f"Copy address {run.address}", "Settings…", "-", "Quit Spendlight"], texts)

        colours, notes = [item.colour], desktop.notes.shown
        run.spend(0.50)
        item = await until(lambda: fuller(desktop, empty), 5)
        check("the gauge fills", item, "as empty as before")
        check("below a threshold nothing is said", not notes, notes)
        for usd, level in [(0.30, "warning"), (0.16, "critical"), (0.05, "exceeded")]:
            before = len(notes)
            run.spend(usd)
            check(f"the state becomes {level}", await until(lambda: run.get("/v1/status")["state"] == level, 5), run.get("/v1/status"))
            item = await until(lambda: recoloured(desktop, colours), 5)
            check(f"the icon shows {level}", item, colours)
            if item:
                colours.append(item.colour)
            check(f"the tooltip follows to {level}", await settled(run, desktop))
            check(f"{level} is said", await until(lambda: len(notes) > before, 5), notes)
        titles = [note["title"].replace("\u00a0", " ") for note in notes]
        check("the titles are the design's", titles == [
            "OpenAI today is at 80 %", "OpenAI today is at 96 %", "OpenAI has reached today's $1.00"], titles)
        check("a warning is normal, the others stay", [note["hints"].get("urgency") for note in notes] == [1, 2, 2], notes)
        check("no notification makes a sound", all(note["hints"].get("suppress-sound") for note in notes), notes)
        buttons = [sorted(set(note["actions"]) - {"default"}) for note in notes]
        check("each has its buttons", buttons == [["acknowledge", "open"], ["open", "raise"], ["open", "raise"]], buttons)
        run.spend(0.02)
        await asyncio.sleep(1)
        check("each threshold is said once", len(notes) == 3, notes)

        await desktop.notes.click(notes[0], "acknowledge")
        def acknowledged():
            return [a["state"] for a in run.get("/v1/alerts")["alerts"]].count("acknowledged") == 1
        check("a click on Acknowledge acknowledges", await until(acknowledged, 5), run.get("/v1/alerts"))
        await desktop.notes.click(notes[2], "raise")
        check("a click on Raise opens the window", await window())
        await no_window()
        item = await settled(run, desktop)
        alerts = next((e["text"] for e in await item.menu() if e["text"].startswith("Alerts")), None)
        check("the menu counts new alerts", alerts == "Alerts, 2 new", alerts)
        check("Quit is chosen", await item.choose("Quit Spendlight"))
        check("Quit ends it with 0", await asyncio.to_thread(run.ended) == 0, run.printed()[-2000:])
    async with app(data=data) as run:
        await asyncio.to_thread(run.ready)
        await asyncio.sleep(2)
        check("what was said is not said again after a restart", len(notes) == 3, notes)
        run.process.send_signal(signal.SIGTERM)
        check("asked to end, it ends with 0", await asyncio.to_thread(run.ended) == 0)


async def fuller(desktop, than):
    item = await desktop.item()
    return item if item and item.filled > than else None


async def recoloured(desktop, known):
    item = await desktop.item()
    return item if item and item.colour not in known else None


async def the_menu(desktop):
    """Every entry does what it says."""
    async with app() as run:
        await asyncio.to_thread(run.ready)
        await until(desktop.item, 15)
        item = await settled(run, desktop)
        await item.choose("Pause all calls")
        check("Pause pauses", await until(lambda: run.get("/v1/status")["state"] == "paused", 5))
        item = await settled(run, desktop)
        check("and offers to resume", await item.choose("Resume calls"))
        check("Resume resumes", await until(lambda: run.get("/v1/status")["state"] != "paused", 5))
        item = await settled(run, desktop)

        seen = {}
        for entry in ["Open Spendlight", "Settings…", "Alerts", "OpenAI today  ", "OpenAI today…"]:
            check(f"{entry.strip()} is chosen", await item.choose(entry))
            shown = await window()
            check(f"{entry.strip()} opens the window", shown)
            seen[entry] = await still(shown) if shown else b""
            check(f"the window closes after {entry.strip()}, and the light stays", await no_window() and run.alive())
        home = seen["Open Spendlight"]
        check("Settings is another view", differ(home, seen["Settings…"]) > 0.01)
        check("Alerts is another view", differ(home, seen["Alerts"]) > 0.01)
        check("Raise is another view", differ(home, seen["OpenAI today…"]) > 0.01)
        await item.choose("Copy address")
        copied = await asyncio.to_thread(clipboard)
        check("Copy address copies it", copied is None or run.address in copied, copied)

        await no_window()
        second = await asyncio.to_thread(lambda: App(PROGRAM, data=run.data, args=()))
        check("a second start ends", await asyncio.to_thread(second.ended, 20) == 0, second.printed()[-2000:])
        check("and shows the first one's window", await window() and run.alive())


async def the_glance(desktop):
    """A left click on the light shows how things stand beside it, until one looks elsewhere."""
    async with app() as run:
        await asyncio.to_thread(run.ready)
        await until(desktop.item, 15)
        item = await settled(run, desktop)

        async def opened(x=640, y=5):
            await item.activate(x, y)
            found = await until(glances, 15)
            if found:
                await still(found[0])
            return found[0] if found else None

        shown = await opened()
        check("a left click opens the glance, and not the window", shown and not windows(), run.printed()[-2000:])
        left, top, width, height = place(shown)
        check("under a light at the top", abs(left + width / 2 - 640) < 4 and 0 <= top < 40, (left, top, width, height))
        check("with room for its budgets", height == 192 + 48 * len(run.get("/v1/status")["budgets"]), height)
        quiet = await asyncio.to_thread(pixels, shown)
        run.spend(0.97)
        changed = await until(lambda: differ(quiet, pixels(shown)) > 0.005, 5)
        check("a call shows in it at once", changed)
        await item.activate(640, 5)
        check("a second click closes it", await until(lambda: not glances(), 5))
        shown = await opened(1279, 899)
        left, top, width, height = place(shown)
        check("over a light at the bottom, and on the screen", left + width <= 1280 and top + height <= 899 and top > 300, (left, top, width, height))
        press(shown, "Escape")
        check("Escape closes it", await until(lambda: not glances(), 5))
        await opened()
        await item.choose("Open Spendlight")
        other = await window()
        check("the window comes in its place", other and await until(lambda: not glances(), 5))
        shown = await opened()
        press(shown, "Shift_L")
        subprocess.run(["wmctrl", "-i", "-a", other])
        check("whoever looks elsewhere has left it", await until(lambda: not glances(), 5))
        await no_window()
        await asyncio.sleep(0.5)  # a click that comes at once would be the one that took the focus away
        shown = await opened()
        press(shown, "Tab")
        for _ in range(len(run.get("/v1/status")["budgets"]) - 1):
            press(shown, "Tab")
        press(shown, "Return")
        check("a budget in it opens the window, and the glance goes", await window() and await until(lambda: not glances(), 5))
        check("the light stays", run.alive())
        await no_window()


async def the_start(desktop):
    """What starts at login, and how."""
    data, config = (tempfile.mkdtemp(prefix="spendlight-test-") for _ in range(2))
    entry = pathlib.Path(config, "autostart", "spendlight-tray.desktop")
    env = {"XDG_CONFIG_HOME": config}
    async with app(data=data, env=env) as run:
        await asyncio.to_thread(run.ready)
        check("at first nothing starts it at login", run.get("/v1/settings")["start_at_login"] is False and not entry.exists())
        status, answer = run.ask("PUT", "/v1/settings", {"start_at_login": True, "start_hidden": True, "theme": "dark"})
        check("it is turned on", status == 200 and answer["start_at_login"] is True, answer)
        command = next((line[5:] for line in entry.read_text().splitlines() if line.startswith("Exec=")), "")
        wanted = [PROGRAM, "--data-dir", data, "--port", "0"]
        check("the entry starts this program on this ledger", shlex.split(command) == wanted, command)
        run.process.terminate()
        await asyncio.to_thread(run.ended)
    async with app(data=data, env=env, args=()) as run:
        await asyncio.to_thread(run.ready)
        await until(desktop.item, 15)
        await asyncio.sleep(2)
        check("it starts in the tray, without its window", not windows())
        second = await asyncio.to_thread(lambda: App(PROGRAM, data=data, args=(), env=env))
        check("a second start shows the window all the same", await window() and await asyncio.to_thread(second.ended, 20) == 0)
        run.ask("PUT", "/v1/settings", {"start_at_login": False})
        check("turned off, the entry is gone", not entry.exists())
        run.process.terminate()
        await asyncio.to_thread(run.ended)
    for folder in (data, config):
        shutil.rmtree(folder, ignore_errors=True)


async def the_question(desktop):
    """A call that would cross a budget that asks waits for a click, in the notification or in the tray."""
    async with app() as run:
        await asyncio.to_thread(run.ready)
        await until(desktop.item, 15)
        notes, taken_back = desktop.notes.shown, desktop.notes.taken_back
        run.ask("PUT", "/v1/budgets/openai-day", {"name": "OpenAI today", "scope": {"provider": "openai"}, "window": "day",
                                                  "limit": 1, "action": "ask"})

        async def asked():
            """The answer that is waited for, and the notification that asks."""
            before = len(notes)
            call = {"provider": "openai", "model": "gpt-5-mini", "project": "eval", "cost_usd": 1.2, "reserve": True}
            waiting = asyncio.create_task(asyncio.to_thread(run.ask, "POST", "/v1/check", call, False))
            await until(lambda: len(notes) > before, 5)
            return waiting, notes[-1]

        waiting, note = await asked()
        check("a question is a notification", note["title"] == "OpenAI today would go over $1.00", note)
        check("it says who asks for how much", note["body"].startswith("gpt-5-mini of project eval wants up to $1.20; $0 is spent. It waits until "), note)
        check("it has its buttons, in their order", [key for key in note["actions"] if key != "default"] == ["allow_once", "raise", "deny"], note)
        check("it stays until it is answered", note["hints"].get("urgency") == 2, note)
        await desktop.notes.click(note, "allow_once")
        check("Allow once lets the call go that waits", (await waiting)[0] == 200, run.get("/v1/questions"))
        waiting, note = await asked()
        await desktop.notes.click(note, "raise")
        check("Raise lets it go", (await waiting)[0] == 200, run.get("/v1/questions"))
        check("and raises until midnight by what it takes", run.get("/v1/budgets/openai-day")["override"]["limit"] == 3)
        waiting, note = await asked()
        question = run.get("/v1/questions")["questions"][0]["id"]
        run.ask("POST", f"/v1/questions/{question}/answer", {"answer": "allow_once"})
        check("one that is answered elsewhere is taken back", await until(lambda: note["id"] in taken_back, 5), taken_back)
        check("and its call goes", (await waiting)[0] == 200)
        waiting, note = await asked()
        item = await until(lambda: offers(desktop, note["title"]), 5)
        check("the tray asks too", item, note)
        check("Deny is chosen", item and await item.choose("Deny"))
        status, answer = await waiting
        check("Deny denies it", (status, answer["reason"]) == (402, "budget_exceeded"), answer)
        check("the tray asks no more", await until(lambda: offers_not(desktop, note["title"]), 5))


async def offers(desktop, text):
    item = await desktop.item()
    return item if item and text in [e["text"] for e in await item.menu()] else None


async def offers_not(desktop, text):
    item = await desktop.item()
    return item and text not in [e["text"] for e in await item.menu()]


async def the_pace(desktop):
    """Many calls at once reach the tray as few changes."""
    async with app() as run:
        await asyncio.to_thread(run.ready)
        await until(desktop.item, 15)
        changes = []

        def heard(message):
            if message.message_type is MessageType.SIGNAL:
                changes.append(message.member)
        desktop.bus.add_message_handler(heard)
        await desktop.bus.call(Message(destination="org.freedesktop.DBus", path="/org/freedesktop/DBus", signature="s",
                                       interface="org.freedesktop.DBus", member="AddMatch", body=["type='signal'"]))
        loop = asyncio.get_running_loop()
        began = loop.time()
        while loop.time() - began < 3:
            await asyncio.to_thread(run.spend, 0.0001)
        await asyncio.sleep(1)
        most = 4 * (loop.time() - began) + 2
        # A tooltip carries the picture too, so it is told anew for either.
        for member, times in (("NewIcon", 1), ("NewToolTip", 2), ("LayoutUpdated", 1)):
            check(f"{member} comes with at most four changes a second", changes.count(member) <= most * times, changes.count(member))
        desktop.bus.remove_message_handler(heard)


async def the_memory(desktop):
    """A window that is closed gives back what it took."""
    async with app() as run:
        await asyncio.to_thread(run.ready)
        await until(desktop.item, 15)
        run.spend(0.01)
        # The pages of a program that was linked just now count as changed until they are on the disk.
        os.sync()
        # What a start needs for a moment is given back in its time; held against the windows it would hide what they keep.
        before = await at_rest(run)
        for which, most in (("first", 10), ("second", 5)):
            await asyncio.to_thread(run.ask, "POST", "/v1/show")
            shown = await window()
            check(f"the window opens for the {which} time", shown, run.printed())
            await still(shown)
            during = run.memory_mb()
            drivers = run.loaded("libEGL_mesa", "_dri.so", "libLLVM")
            check("it brings no graphics driver into the program", not drivers, drivers)
            await no_window()
            alone = await until(lambda: len(run.family()) == 1, 15)
            check("no process of a web view is left", alone, run.family())
            await until(lambda: run.memory_mb() - before <= most, 20)
            after = run.memory_mb()
            print(f"   {before:.1f} MB before, {during:.1f} MB with a window, {after:.1f} MB after", flush=True)
            check(f"what the {which} leaves is within {most} MB", after - before <= most, f"{before:.1f} MB, then {after:.1f} MB")
            before = after


async def at_rest(run, seconds=20):
    """The memory of an app with nothing to do, once it stays the same for a few seconds."""
    seen = [run.memory_mb()]
    for _ in range(seconds):
        await asyncio.sleep(1)
        seen.append(run.memory_mb())
        if max(seen[-4:]) - min(seen[-4:]) < 0.5 and len(seen) > 5:
            break
    return seen[-1]


async def what_is_missing(desktop):
    """A desktop that lacks something is survived, and said."""
    async with app() as run:
        await asyncio.to_thread(run.ready)
        sent = await a_test(run)
        check("a test arrives", sent["outcome"] == "sent" and desktop.notes.shown[-1]["title"] == "This is a test from Spendlight", sent)
        check("and tells who took it", "small desktop has taken it" in sent["text"], sent)
        desktop.notes.refuse = True
        sent = await a_test(run)
        check("one that is refused says so, and why", sent["outcome"] == "refused" and "this daemon refuses" in sent["text"], sent)
        desktop.notes.refuse, desktop.notes.silent = False, True
        sent = await a_test(run)
        check("one that nobody answers says so", sent["outcome"] == "silent", sent)
        desktop.notes.silent = False
        await desktop.withdraw(NOTES)
        sent = await a_test(run)
        check("one that nobody is there for says so", sent["outcome"] == "no_service", sent)
        await desktop.offer(NOTES)
    desktop.notes.refuse = True
    async with app() as run:
        await asyncio.to_thread(run.ready)
        run.spend(0.85)
        check("a daemon that refuses is survived, and the alert says so", await until(failed_in(run), 5) and run.alive(), run.get("/v1/alerts"))
    desktop.notes.refuse, desktop.notes.silent = False, True
    async with app() as run:
        await asyncio.to_thread(run.ready)
        run.spend(0.85)
        run.spend(0.01)
        check("a daemon that is silent keeps nobody waiting", run.get("/v1/status")["today"]["calls"] == 2)
    desktop.notes.silent = False
    await desktop.withdraw(NOTES)
    async with app() as run:
        await asyncio.to_thread(run.ready)
        run.spend(0.85)
        check("no notification daemon is survived", await until(failed_in(run), 8) and run.alive(), run.get("/v1/alerts"))
    await desktop.offer(NOTES)

    await desktop.withdraw(WATCHER)
    async with app() as run:
        check("without a tray's host it answers", await asyncio.to_thread(run.ready), run.printed())
        check("and shows its window instead", await window(20), run.printed())
        check("and says why", "no tray" in run.printed(), run.printed())
        await desktop.offer(WATCHER)
        check("when a host comes, the light is there", await until(desktop.item, 10))
        await desktop.withdraw(WATCHER)
        await asyncio.sleep(0.5)
        await desktop.offer(WATCHER)
        check("when the host is started anew, too", await until(desktop.item, 10))
    async with app(env={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}) as run:
        check("without a session's bus it answers", await asyncio.to_thread(run.ready), run.printed())
        check("and shows its window", await window(20), run.printed())
        run.spend(0.85)
        check("an alert nobody could be told is a failed one", await until(failed_in(run), 8), run.get("/v1/alerts"))
        sent = await a_test(run)
        check("a test without a bus says so", sent["outcome"] == "no_bus", sent)
        run.process.terminate()
        check("and ends with 0", await asyncio.to_thread(run.ended) == 0)
    async with app(without=("DISPLAY", "WAYLAND_DISPLAY")) as run:
        check("without a screen it answers", await asyncio.to_thread(run.ready), run.printed())
        check("and prints its address", run.address and run.address in run.printed(), run.printed())
        run.process.terminate()
        check("without a screen it ends with 0", await asyncio.to_thread(run.ended) == 0, run.printed())
    async with app(env={"DISPLAY": ":59999"}, without=("WAYLAND_DISPLAY",)) as run:
        check("a screen that is gone is no screen", await asyncio.to_thread(run.ready), run.printed())
    async with app(env={"TAURI_WEBVIEW_AUTOMATION": "true"}) as run:
        await asyncio.to_thread(run.ready)
        kept = pathlib.Path(f"/proc/{run.process.pid}/environ").read_bytes()
        check("nobody drives its page", b"TAURI_WEBVIEW_AUTOMATION" not in kept)


async def what_is_wrong(desktop):
    """What keeps it from serving is said where somebody sees it, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        async with app(port=port) as run:
            notes = desktop.notes.shown
            known = len(notes)
            item = await until(lambda: told(desktop, f"Spendlight is not listening: port {port} is in use"), 15)
            check("a port in use is the state's sentence", item, run.printed())
            check("a notification says who has it", await until(lambda: len(notes) > known, 5) and
                  notes[-1]["body"] == f"Port {port} is in use by python3 (process {os.getpid()}). No call is counted.", notes[known:])
            held.close()
            check("once it is free, it listens", await asyncio.to_thread(run.ready) and run.address.endswith(f":{port}"), run.printed())
            check("and the sentence is gone", await until(lambda: no_longer(desktop, "not listening"), 5))
    data = pathlib.Path(tempfile.mkdtemp(prefix="spendlight-test-"))
    (data / "ledger.sqlite3").mkdir()
    async with app(data=data) as run:
        check("a ledger that cannot be opened shows the window, though it was to start hidden", await window(20), run.printed())
        item = await until(lambda: told(desktop, "Spendlight could not start: "), 10)
        check("the tray says so", item and "ledger.sqlite3" in item.tooltip, item and item.tooltip)
        check("Quit is chosen", item and await item.choose("Quit Spendlight"))
        check("and it ends as a failure", await asyncio.to_thread(run.ended) == 1, run.printed())
    shutil.rmtree(data, ignore_errors=True)


async def told(desktop, beginning):
    """The item, once its tooltip begins so."""
    item = await desktop.item()
    return item if item and item.tooltip.startswith(beginning) else None


async def no_longer(desktop, words):
    item = await desktop.item()
    return item if item and words not in item.tooltip else None


async def a_test(run):
    """What becomes of a notification that is sent to see whether they arrive."""
    return (await asyncio.to_thread(run.ask, "POST", "/v1/notifications/test", {}))[1]


def failed_in(run):
    """Whether an alert could not be told."""
    return lambda: "failed" in [d["state"] for a in run.get("/v1/alerts")["alerts"] for d in a["deliveries"]]


async def main():
    logging.disable(logging.CRITICAL)  # a daemon that refuses on purpose need not be reported
    desktop = await Desktop().start()
    panel = subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for part in (the_light, the_menu, the_glance, the_start, the_question, the_pace, the_memory, what_is_missing, what_is_wrong):
            try:
                await part(desktop)
            except Exception as error:  # a part that breaks off is a failure, and the next one still runs
                check(f"{getattr(part, '__name__', 'a part')} runs to its end", False, repr(error))
    finally:
        panel.terminate()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed", flush=True)
    return 0 if results and all(results) else 1


sys.exit(asyncio.run(main()))
