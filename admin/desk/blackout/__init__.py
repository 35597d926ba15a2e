"""Black boxes on the pages of a PDF and on pictures: what is under one is in no byte of what comes out.

A file is drawn as pixels in a process of its own, the boxes are painted on them, and what is handed out is made anew
of these pixels alone: no text, no metadata, no thumbnail, no attachment, no earlier version, no link survives. `marks`
says what is painted; `process` asks the other process (`worker`, `source`, `fonts`). Nothing is written to a disk.
"""
