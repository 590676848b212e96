"""Asking until the answer is there, and what is said when it does not come."""

import json
import time
import urllib.error
import urllib.request


class Failed(Exception):
    """A check that does not hold, or a part that cannot be had."""


# No proxy, whatever the environment says: every server here is on the loopback interface.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# An answer that takes longer comes from a server that hangs.
_PATIENCE = 20


def get_text(url):
    """The body at this address."""
    with _OPENER.open(url, timeout=_PATIENCE) as answer:
        return answer.read().decode()


def get_json(url):
    """The JSON at this address."""
    return json.loads(get_text(url))


def until(what, ask, seconds=60):
    """Asks until the answer is true, and returns it. A server that does not answer yet is asked again."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            answer = ask()
            if answer:
                return answer
        except (OSError, ValueError) as error:
            last = error
        if time.monotonic() > deadline:
            raise Failed(f"waited {seconds} s in vain for {what}" + (f" ({last})" if last else ""))
        time.sleep(0.1)


def only(found, what):
    """The one that was found."""
    expect(len(found) == 1, f"{what}: {len(found)} instead of one")
    return found[0]


def expect(holds, otherwise):
    """Fails with this sentence where something does not hold."""
    if not holds:
        raise Failed(otherwise)
