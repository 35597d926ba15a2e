"""What the work means: days, statuses, the form, contacts. Pure: no clock, no network, "today" is an
argument.
"""
