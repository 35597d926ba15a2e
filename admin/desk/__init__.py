"""The auditor's local program: holds the private key in memory, opens what the server keeps sealed."""

from admin.desk.app import create_desk, new_link
from admin.desk.client import DeskError
from admin.desk.run import run_desk

__all__ = ["DeskError", "create_desk", "new_link", "run_desk"]
