"""A desktop small enough for a test: a tray's host and a notification daemon on the session's bus.

The host takes items as a panel does, reads their properties and menus, and clicks. The daemon writes down what it is
shown, and can answer with a click. Deliberately not here: any expectation of what an item or a notification says.
"""
import asyncio
import time
import zlib

from dbus_next import BusType, DBusError, Message, MessageType, NameFlag, PropertyAccess, Variant
from dbus_next.aio import MessageBus
from dbus_next.service import ServiceInterface, dbus_property, method, signal

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"
NOTES = "org.freedesktop.Notifications"


def plain(value):
    """A D-Bus value without its wrapping."""
    if isinstance(value, Variant):
        return plain(value.value)
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def png(width, height, argb):
    """A PNG of a pixmap in network order."""
    rgba = bytearray(len(argb))
    rgba[0::4], rgba[1::4], rgba[2::4], rgba[3::4] = argb[1::4], argb[2::4], argb[3::4], argb[0::4]
    rows = b"".join(b"\0" + bytes(rgba[y * width * 4:(y + 1) * width * 4]) for y in range(height))

    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 6, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Watcher(ServiceInterface):
    """org.kde.StatusNotifierWatcher, and the host it speaks for."""

    def __init__(self):
        super().__init__(WATCHER)
        self.items = []

    @method()
    def RegisterStatusNotifierItem(self, service: "s"):
        if service not in self.items:
            self.items.append(service)
        self.StatusNotifierItemRegistered(service)

    @method()
    def RegisterStatusNotifierHost(self, service: "s"):
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> "as":
        return self.items

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> "b":
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> "i":
        return 0

    @signal()
    def StatusNotifierItemRegistered(self, service) -> "s":
        return service

    @signal()
    def StatusNotifierItemUnregistered(self, service) -> "s":
        return service

    @signal()
    def StatusNotifierHostRegistered(self):
        pass


class Notes(ServiceInterface):
    """org.freedesktop.Notifications, which remembers. `refuse` and `silent` make it a bad one."""

    def __init__(self):
        super().__init__(NOTES)
        self.shown, self.taken_back, self.refuse, self.silent = [], [], False, False

    def swallow(self, message):
        """While silent, a notification is neither taken nor refused."""
        return self.silent and message.member == "Notify"

    @method()
    def Notify(self, app: "s", replaces: "u", icon: "s", title: "s", body: "s", actions: "as",
               hints: "a{sv}", timeout: "i") -> "u":
        if self.refuse:
            raise DBusError("org.freedesktop.DBus.Error.Failed", "this daemon refuses")
        self.shown.append({"id": len(self.shown) + 1, "app": app, "title": title, "body": body, "replaces": replaces,
                           "actions": dict(zip(actions[0::2], actions[1::2])), "hints": plain(hints)})
        return len(self.shown)

    @method()
    def CloseNotification(self, note: "u"):
        self.taken_back.append(note)
        self.NotificationClosed(note, 3)

    @method()
    def GetCapabilities(self) -> "as":
        return ["actions", "body", "persistence"]

    @method()
    def GetServerInformation(self) -> "ssss":
        return ["small desktop", "spendlight", "1", "1.2"]

    @signal()
    def ActionInvoked(self, note, key) -> "us":
        return [note, key]

    @signal()
    def NotificationClosed(self, note, reason) -> "uu":
        return [note, reason]

    async def click(self, note, key):
        """Clicks as a person would, who has to read first."""
        await asyncio.sleep(0.3)
        self.ActionInvoked(note["id"], key)
        self.NotificationClosed(note["id"], 2)


class Desktop:
    """The session's bus with both on it; each can be taken away and brought back."""

    async def start(self):
        self.bus = await MessageBus(bus_type=BusType.SESSION).connect()
        self.watcher, self.notes = Watcher(), Notes()
        self.bus.add_message_handler(self.notes.swallow)
        self.bus.export("/StatusNotifierWatcher", self.watcher)
        self.bus.export("/org/freedesktop/Notifications", self.notes)
        await self.offer(WATCHER)
        await self.offer(NOTES)
        return self

    async def offer(self, name):
        await self.bus.request_name(name, NameFlag.REPLACE_EXISTING)

    async def withdraw(self, name):
        await self.bus.release_name(name)
        if name == WATCHER:
            self.watcher.items.clear()

    async def call(self, service, path, interface, member, signature="", body=()):
        message = Message(destination=service, path=path, interface=interface, member=member, signature=signature,
                          body=list(body))
        reply = await asyncio.wait_for(self.bus.call(message), 5)
        if reply.message_type is MessageType.ERROR:
            raise RuntimeError(f"{member}: {reply.error_name}: {reply.body}")
        return reply.body

    async def item(self):
        """The properties of the one item in the tray, or none."""
        for service in reversed(self.watcher.items):
            try:
                (properties,) = await self.call(service, "/StatusNotifierItem", PROPERTIES, "GetAll", "s", [ITEM])
                return Item(self, service, properties)
            except (RuntimeError, asyncio.TimeoutError):
                continue
        return None


class Item:
    """An item in the tray, as it was when it was read."""

    def __init__(self, desktop, service, properties):
        self.desktop, self.service, self.properties = desktop, service, plain(properties)

    @property
    def tooltip(self):
        return self.properties["ToolTip"][3]

    @property
    def pixmap(self):
        """(width, height, bytes in network order)."""
        return tuple(self.properties["IconPixmap"][0])

    @property
    def filled(self):
        """How much of the picture is solid: greater when the gauge is fuller."""
        return sum(self.pixmap[2][0::4])

    @property
    def colour(self):
        """The red, green and blue of the picture's most solid pixel that is not of a rim."""
        data = self.pixmap[2]
        own = [i for i in range(0, len(data), 4) if min(data[i + 1:i + 4]) < 240]
        solid = max(own, key=lambda i: data[i])
        return tuple(data[solid + 1:solid + 4])

    async def activate(self, x=5, y=5):
        """Clicks the item with the left button; the panel says where on the screen that was."""
        await self.desktop.call(self.service, "/StatusNotifierItem", ITEM, "Activate", "ii", [x, y])

    async def menu(self):
        """The menu's entries, each {id, text, enabled, submenu}; a separator's text is "-"."""
        path = self.properties["Menu"]
        _, root = await self.desktop.call(self.service, path, MENU, "GetLayout", "iias", [0, -1, []])

        def entries(node):
            for child in node[2]:
                number, properties, _ = child.value
                properties = plain(properties)
                rule = properties.get("type") == "separator"
                # One underscore marks a letter, two are one.
                text = properties.get("label", "").replace("__", "\0").replace("_", "").replace("\0", "_")
                yield {"id": number, "text": "-" if rule else text.replace("\u00a0", " "),
                       "enabled": properties.get("enabled", True), "submenu": list(entries(child.value))}

        return list(entries(root))

    async def choose(self, text):
        """Clicks the first entry that begins so, also in submenus; what it said, or none."""
        async def search(entries):
            for entry in entries:
                if entry["text"].startswith(text) and entry["enabled"] and not entry["submenu"]:
                    await self.click(entry)
                    return entry["text"]
                found = await search(entry["submenu"])
                if found:
                    return found
            return None

        return await search(await self.menu())

    async def click(self, entry):
        """Clicks an entry. A program that ends by it may be gone before it has answered."""
        try:
            await self.desktop.call(self.service, self.properties["Menu"], MENU, "Event", "isvu",
                                    [entry["id"], "clicked", Variant("i", 0), int(time.time()) & 0x7FFFFFFF])
        except RuntimeError as error:
            if "NoReply" not in str(error):
                raise


async def until(condition, seconds=10.0):
    """Asks until the answer is true, and returns it; the last answer when the time is up."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer or time.monotonic() > end:
            return answer
        await asyncio.sleep(0.05)
