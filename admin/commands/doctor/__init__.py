"""`meyasubako doctor`: looks at what is installed and configured here, and says in one line each what is wrong."""

from admin.commands.doctor.command import doctor

__all__ = ["doctor"]
