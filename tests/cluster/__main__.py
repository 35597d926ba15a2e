"""`make cluster`: the whole cluster on loopback, until Ctrl-C."""

from __future__ import annotations

import sys
import threading

from tests.support.cluster import ClusterMissing, running_cluster


def main() -> int:
    """Bring it up, say where it is, and wait."""
    try:
        with running_cluster() as cluster:
            for member in cluster.members():
                sys.stdout.write(f"{member['name']}  {member['host']}:{member['port']}  {member['role']}\n")
            sys.stdout.write(
                "site  https://127.0.0.31/ja/ (its certificate is the cluster's own), http://127.0.0.31:8080/ja/\n"
                f"files and logs  {cluster.folder}\nCtrl-C ends it.\n"
            )
            sys.stdout.flush()
            threading.Event().wait()
    except ClusterMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
