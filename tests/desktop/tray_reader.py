#!/usr/bin/python3
"""A tray that tells what is in it: for each line that is read, a line {"tooltip", "menu": [text…]}, or null.

Deliberately not here: any expectation of it; others ask (window.test.mjs).
"""
import asyncio
import json
import sys

from small_desktop import Desktop


async def main():
    desktop = await Desktop().start()
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        item = await desktop.item()
        told = item and {"tooltip": item.tooltip, "menu": [entry["text"] for entry in await item.menu()]}
        print(json.dumps(told), flush=True)


asyncio.run(main())
