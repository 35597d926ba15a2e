"""A bounded model of who can read a case (docs/model.md). Not a proof: a small scope, searched exhaustively."""
