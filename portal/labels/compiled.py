"""Templates compiled for one language: sentences that hold no values are translated when a template is compiled.

A page has a hundred sentences that are the same each time. Looking them up while the page is rendered cost a fifth of
a status check (docs/performance.md). What a sentence says is unchanged: the catalogue's text, read by the rules of
Jinja's newstyle gettext (HTML with %-places, values escaped).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

Translate = Callable[[str], str]


class LanguageGenerator(CodeGenerator):
    """Puts a language's sentences into the compiled template, where its environment has a language."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """Translate, then compile."""
        if isinstance(self.environment, LanguageEnvironment) and self.environment.translate is not None:
            node = Sentences(self.environment.translate).visit(node)
        super().visit_Template(node, frame)


class LanguageEnvironment(Environment):
    """Flask's environment. `translate`: a language's text of an English sentence (str, or Markup for furigana); None:
    sentences are looked up while a page is rendered.
    """

    code_generator_class = LanguageGenerator
    translate: Translate | None = None
    own_globals: Mapping[str, Any] = MappingProxyType({})

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template knows besides its context, as one dict: Jinja's own chain of two is compared name by
        name for each import of a macro. It is complete before the first template is loaded.
        """
        return {**self.globals, **self.own_globals, **(d or {})}

    def for_language(self, translate: Translate) -> LanguageEnvironment:
        """Return an environment that shares everything but its compiled templates."""
        other = self.overlay()
        other.translate = translate
        gettext = remembered(translate)
        other.own_globals = {"_": gettext, "gettext": gettext}
        return other


def remembered(translate: Translate) -> Callable[..., Markup]:
    """Return newstyle gettext for a language, for sentences that a template takes from the program's tables: what it
    found is remembered. There are some hundreds of them, and nothing from outside is ever among them.
    """

    @lru_cache(maxsize=4096)
    def looked_up(sentence: str) -> tuple[Markup, Markup | None]:
        text = Markup(translate(sentence))
        return text, None if "%(" in text else text % {}

    def gettext(sentence: str, **values: Any) -> Markup:
        text, whole = looked_up(sentence)
        return text % values if values or whole is None else whole

    return gettext


class Sentences(NodeTransformer):
    """Replaces each call of gettext with one constant sentence by the translated text, its values put in."""

    def __init__(self, translate: Translate) -> None:
        self.translate = translate

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:
        """Return the replacement of a call."""
        self.generic_visit(node, *args, **kwargs)
        if not _is_sentence(node):
            return node
        text = self.translate(node.args[0].value)  # type: ignore[attr-defined]
        if not node.kwargs:
            return nodes.TemplateData(str(text) % {}, lineno=node.lineno)
        pairs = [nodes.Pair(nodes.Const(word.key), word.value) for word in node.kwargs]
        values = nodes.Dict(pairs, lineno=node.lineno)
        return nodes.Mod(nodes.TemplateData(str(text), lineno=node.lineno), values, lineno=node.lineno)


def _is_sentence(node: nodes.Call) -> bool:
    """Tell whether this is `_("...")` or `gettext("...", name=value)`, which `{% trans %}` becomes too."""
    has_one = (
        len(node.args) == 1 and isinstance(node.args[0], nodes.Const) and isinstance(node.args[0].value, str)
    )
    is_plain = node.dyn_args is None and node.dyn_kwargs is None
    return has_one and is_plain and isinstance(node.node, nodes.Name) and node.node.name in ("_", "gettext")
