"""The command `meyasubako`, as real processes."""
