"""What the property tests are fed with."""

from __future__ import annotations

import unicodedata

from hypothesis import settings
from hypothesis import strategies as st

from crypto.encoding import MAX_NUMBER, normalize_text
from crypto.identity import from_seed

# Shared machines are slow at times: no deadline for one example, fewer examples where each seals something.
PLAIN = settings(deadline=None, max_examples=150)
SEALING = settings(deadline=None, max_examples=40)
SLOW = settings(deadline=None, max_examples=5)

ids = st.binary(min_size=16, max_size=16)
seeds = st.binary(min_size=32, max_size=32)
identities = seeds.map(from_seed)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(normalize_text)
some_text = texts.filter(bool)
names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=50).map(
    lambda text: unicodedata.normalize("NFC", text)[:100]
)
numbers = st.integers(-MAX_NUMBER, MAX_NUMBER)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(texts, values, max_size=6)
