"""`meyasubako doctor`: checks installation and configuration, one line for each check.

May import the support of the commands, `admin.log_condition`, `admin.nightly`, `crypto`, `cases`, `store` and
`templates.catalogues`; it changes nothing, and quotes no content of a case.
"""

from admin.commands.doctor.command import doctor

__all__ = ["doctor"]
