"""A screen and a session's bus of one's own, on which nothing is started by itself.

    tests/desktop/screen.py COMMAND...

Needs xvfb and dbus-x11. Deliberately not here: what runs on it.
"""
import os
import pathlib
import sys
import tempfile

OWN_SCREEN = "SPENDLIGHT_TEST_SCREEN"
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""


def enter(command):
    """Goes on as `command` on such a screen; returns where that is done already."""
    if OWN_SCREEN in os.environ:
        return
    room = tempfile.mkdtemp(prefix="spendlight-screen-")
    pathlib.Path(room, "bus.conf").write_text(BUS)
    os.environ.update({OWN_SCREEN: room, "XDG_RUNTIME_DIR": room, "NO_AT_BRIDGE": "1", "GTK_USE_PORTAL": "0"})
    os.execvp("xvfb-run", ["xvfb-run", "-a", "-s", "-screen 0 1280x900x24", "dbus-run-session",
                           "--config-file", f"{room}/bus.conf", "--", *command])


if __name__ == "__main__":
    enter(sys.argv[1:])
    sys.exit("tests/desktop/screen.py: this is such a screen already")
