"""The rules of the business and the law: the form, statuses, deadlines, records, roles, contacts, statistics.

May import nothing else of the project; every function is pure, with "today" as an argument: no clock, no network, no
disk but the data of the package itself.
"""
