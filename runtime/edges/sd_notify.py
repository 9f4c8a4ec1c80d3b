"""Notifies systemd over the datagram socket named by NOTIFY_SOCKET; does nothing without one."""

import os
import socket
import time
from collections.abc import Mapping

__all__ = ["Notifier"]


class Notifier:
    """`watchdog_s`: the period in which systemd expects a ping, None if it expects none from this process."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        wants = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        period_us = environ.get("WATCHDOG_USEC", "") if wants and self._address else ""
        self.watchdog_s = int(period_us) / 1_000_000 if period_us.isdecimal() and int(period_us) else None

    def ready(self) -> None:
        """The tree is up."""
        self._send("READY=1")

    def reloading(self) -> None:
        """The configuration is being reloaded, until `ready` is called."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={' '.join(text.split())}")

    def stopping(self) -> None:
        """The service is stopping."""
        self._send("STOPPING=1")

    def watchdog(self) -> None:
        """Send a watchdog ping."""
        self._send("WATCHDOG=1")

    def _send(self, text: str) -> None:
        """Send a datagram; ignores errors, because an unreachable service manager is no reason to stop trading."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.setblocking(False)
            try:
                channel.sendto(text.encode(), self._address)
            except OSError:
                return
