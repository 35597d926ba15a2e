"""Permissions Policy of both sites: browser features that no page may use."""

from __future__ import annotations

from typing import Final

DENIED_FEATURES: Final = (
    "accelerometer",
    "autoplay",
    "bluetooth",
    "browsing-topics",
    "camera",
    "compute-pressure",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "private-state-token-issuance",
    "private-state-token-redemption",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "unload",
    "usb",
    "web-share",
    "window-management",
    "xr-spatial-tracking",
)
"""Features of browsers (W3C Permissions Policy) that no page uses: scripts that got in could not use them either.

bluetooth and web-share exist in browsers on some systems only; elsewhere Chromium writes a warning to its console."""

PERMISSIONS_POLICY: Final = ", ".join(f"{feature}=()" for feature in DENIED_FEATURES)
"""The header `Permissions-Policy` of the reporter's site and of the desk."""
