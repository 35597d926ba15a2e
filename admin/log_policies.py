"""The log's policies: those in the log, and the one that the batch of a day names."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from crypto.log_policy import LoggedPolicy, next_policy, read_policy_leaf
from store import log as store_log
from store import log_documents


def policies_of(conn: Connection) -> list[LoggedPolicy]:
    """Return the policies that are in the log, oldest first."""
    return [
        read_policy_leaf(row.raw, row.index, row.day)
        for row in log_documents.documents(conn)
        if row.word == "policy" and row.index is not None
    ]


def policy_of_next(conn: Connection, day: date) -> str:
    """Return the policy of the batch of a day, and note where a change begins to count with it."""
    rows, policies = log_documents.documents(conn), policies_of(conn)
    counting = {row.index for row in rows if row.in_force}
    current = [policy for policy in policies if policy.index in counting][-1]
    keys = {key.name: key for key in current.policy.witnesses.values()}
    signed = [(keys[name], size) for name, size in store_log.newest_sizes(conn) if name in keys]
    policy = next_policy(policies, current, day, signed)
    if policy is not current:
        log_documents.put_in_force(conn, policy.index)
    return policy.text
