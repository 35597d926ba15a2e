"""The demo: a site of its own folder with two auditors and three sample reports, the site's server as a child process,
and the first auditor's desk in this one.

Nothing here is for real use: the passphrase is stored with the keys. It talks to the site over HTTP alone and imports
no module of the portal.
"""

from admin.demo.command import run

__all__ = ["run"]
