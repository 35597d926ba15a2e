"""`meyasubako doctor`: looks at what is installed and configured here, and says in one line each what is wrong.

May import the support of the commands, `admin.logbook`, `admin.nightly`, `crypto`, `cases`, `store` and
`templates.catalogues`; it changes nothing, and quotes no content of a case.
"""

from admin.commands.doctor.command import doctor

__all__ = ["doctor"]
