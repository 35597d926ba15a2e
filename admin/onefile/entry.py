# -*- coding: utf-8 -*-
"""The first module that the file runs (as `__main__.py`): an old Python gets a sentence, not a stack trace.

Nothing here needs a newer Python than 3.6: what an old one can't read would be an error before the first sentence.
"""

import sys

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.stderr.write(
        "このデスクには Python 3.11 以降が必要です(お使いのものは %d.%d です)。https://www.python.org/downloads/ から\n"
        "新しい Python を入れて、もう一度起動してください。失われたものはありません。\n"
        "This desk needs Python 3.11 or newer; this is %d.%d. Install a newer one from https://www.python.org/downloads/\n"
        "and start the desk again. Nothing is lost.\n".replace("%d.%d", "%d.%d" % sys.version_info[:2])
    )
    sys.exit(3)
else:
    from unpack import main  # type: ignore[import-not-found]  # the file has it at its top

    sys.exit(main(sys.argv[1:]))
