"""Metrics for Prometheus, on an address of their own (`[metrics]` in the settings), in a process beside the server's.

No value changes because of one report or one visitor: docs/threat-model/P2.md. May import `crypto` and `store`.
"""
