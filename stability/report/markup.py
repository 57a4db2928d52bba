"""HTML built from elements: a plain text in it is escaped, whatever it says, and only markup stays markup."""

from collections.abc import Iterable
from typing import TypeAlias

from stability.io.html import escaped

EMPTY = {"br", "col", "hr", "img", "input", "meta"}
"""Elements without an end."""


class Markup(str):
    """A text that is HTML already; all other texts are escaped where they are put into an element."""


Child: TypeAlias = "str | Iterable[Child] | None"


def element(tag: str, *children: Child, **attributes: str | bool | None) -> Markup:
    """Return an element.

    Parameters
    ----------
    tag : str
    children : str, Markup, None, or an iterable of those
        Texts are escaped and markup is not; None is left out.
    attributes : str or bool
        `class_` stands for class, `aria_label` for aria-label; True is an attribute without a value, and one that is
        False or None is left out.

    Examples
    --------
    >>> element("p", "a < b", element("b", "c"), class_="said", hidden=True)
    '<p class="said" hidden>a &lt; b<b>c</b></p>'
    """
    opening = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
    return Markup(opening if tag in EMPTY else f"{opening}{joined(*children)}</{tag}>")


def _attribute(name: str, value: str | bool | None) -> str:
    name = name.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escaped(value)}"'


def joined(*children: Child) -> Markup:
    """Return texts, escaped, and markup one after the other.

    Examples
    --------
    >>> joined("<i>", Markup("<br>"), None, ["a", "b"])
    '&lt;i&gt;<br>ab'
    """
    return Markup("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, str):
        return child if isinstance(child, Markup) else escaped(child)
    return "".join(_child(each) for each in child)


def isolated(text: str, **attributes: str | bool | None) -> Markup:
    """Return a text of strangers whose direction of writing, left or right, does not reach what stands beside it.

    Examples
    --------
    >>> isolated("a & b")
    '<bdi>a &amp; b</bdi>'
    """
    return element("bdi", text, **attributes)
