"""Where metrics are served: `[metrics]`."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from store.config.settings_file import SettingsSection, bind_of, flag_of


@dataclass(frozen=True)
class MetricsSettings:
    """`bind`: host:port or [IPv6]:port, of this machine only unless the settings say otherwise."""

    bind: str


def metrics_of(metrics: SettingsSection, server_bind: str) -> MetricsSettings:
    """Return where metrics are served. Raises SettingsError."""
    metrics.text("bind")  # it has no default
    bind, is_beyond = bind_of(metrics), flag_of(metrics, "beyond_this_machine")
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:") or port == "0":
        raise metrics.wrong(
            "bind",
            "must be an address and a port, such as 127.0.0.1:9464",
            "はアドレスとポートで書いてください(例: 127.0.0.1:9464)",
        )
    if port == server_bind.rpartition(":")[2]:
        raise metrics.wrong(
            "bind",
            "must have another port than server.bind: visitors never reach metrics",
            "のポートは server.bind と別にしてください。利用者は計測値に届かないようにします",
        )
    if not is_beyond and not is_this_machine(host):
        raise metrics.wrong(
            "bind",
            "is not an address of this machine alone; write beyond_this_machine = true when that is meant",
            "はこのコンピューターの外からも届きます。意図したものなら beyond_this_machine = true と書いてください",
        )
    return MetricsSettings(bind)


def is_this_machine(host: str) -> bool:
    """Tell whether only this machine reaches an address (a name, IPv4, or IPv6 in brackets)."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
