"""A Markdown document rendered with its claims where they stand; nothing of its HTML is kept, only shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from markdown_it.token import Token

from stability.audit.readers.blocks import lines_of, plain_text
from stability.audit.readers.documents import READERS, DocumentClaim, DocumentWriteup
from stability.audit.readers.markdown import PAIR_OPEN, markdown_parser, words_of
from stability.audit.verdicts import Verdict
from stability.report.markup import Markup, element, isolated, joined

Placed = Callable[[Verdict, bool], Markup]
"""What makes an element of a verdict; the flag says whether its sentence stands just before it."""

LOWERED = {f"h{k}": f"h{min(k + 1, 6)}" for k in range(1, 7)}
PLAIN = {"p", "ul", "ol", "li", "blockquote", "em", "strong", "table", "thead", "tbody", "tr", "th", "td"}
"""Elements that Markdown makes and that stay as they are."""

SAFE_LINKS = ("http://", "https://", "mailto:")


def can_be_rendered(writeup: DocumentWriteup, verdicts: Sequence[Verdict]) -> bool:
    """Return whether a document is in Markdown and all of its claims are shown."""
    document = writeup.read.document
    shown = {verdict.claim.id for verdict in verdicts}
    known = {each.claim.id for each in writeup.read.claims}
    return bool(known) and known <= shown and document.path.suffix.lower() not in READERS


def document_markup(writeup: DocumentWriteup, verdicts: Sequence[Verdict], placed: Placed) -> Markup:
    """Return a document with an element for each verdict: in the place of its block, or, without one, at the beginning.

    Parameters
    ----------
    writeup : DocumentWriteup
        In Markdown.
    verdicts : sequence of Verdict
    placed : callable
        Makes the element of a verdict.
    """
    by_id = {verdict.claim.id: verdict for verdict in verdicts}
    own = [(each, by_id.pop(each.claim.id)) for each in writeup.read.claims if each.claim.id in by_id]
    rows = [row.rstrip("\r\n") for row in lines_of(writeup.read.document.text)]
    tokens = markdown_parser().parse(plain_text(rows))
    first = [placed(verdict, False) for verdict in by_id.values()]
    return joined(first, _Rendering(own, placed).blocks(tokens))


class _Rendering:
    """The tokens of one document as markup."""

    def __init__(self, own: Sequence[tuple[DocumentClaim, Verdict]], placed: Placed) -> None:
        self.own, self.placed = own, placed

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Markup]:
        for k, token in enumerate(tokens):
            if token.type == "inline":
                yield joined(_inline(token.children or ()))
            elif token.type in ("fence", "html_block") and (found := self._claims(token)):
                yield joined(self.placed(verdict, _says_so(each, verdict)) for each, verdict in found)
            elif token.type == "paragraph_open" and not token.hidden:
                yield _opening("p", {"data-status": self._status_after(tokens, k), "dir": "auto"})
            else:
                yield _single(token)

    def _claims(self, token: Token) -> list[tuple[DocumentClaim, Verdict]]:
        """Return the claims whose blocks stand in the lines of a token."""
        start, stop = token.map or (0, 0)
        return [(each, verdict) for each, verdict in self.own if start <= each.block.start - 1 < stop]

    def _status_after(self, tokens: Sequence[Token], k: int) -> str | None:
        """Return the status of the claim that a paragraph says, which stands right behind it."""
        said, after = words_of(tokens[k + 1]), tokens[k + 3 : k + 4]
        found = self._claims(after[0]) if after and after[0].type in ("fence", "html_block") else []
        return next((verdict.status for each, verdict in found if each.block.paragraph == said), None)


def _says_so(each: DocumentClaim, verdict: Verdict) -> bool:
    return verdict.claim.says == each.block.paragraph


def _opening(tag: str, attributes: Mapping[str, Any]) -> Markup:
    empty = element(tag, **{name.replace("-", "_"): value for name, value in attributes.items()})
    return Markup(empty.removesuffix(f"</{tag}>"))


def _inline(children: Sequence[Token]) -> Iterator[Markup]:
    """Yield what stands in a line of text; links that are not followed safely are plain text."""
    followed: list[bool] = []
    for token in children:
        if token.type == "link_open":
            href = str(token.attrGet("href") or "")
            followed.append(href.lower().startswith(SAFE_LINKS))
            yield _opening("a", {"href": href, "rel": "noreferrer"}) if followed[-1] else Markup("")
        elif token.type == "link_close":
            yield Markup("</a>") if followed.pop() else Markup("")
        elif token.type == "html_inline":
            yield Markup("") if token.content.startswith("<!--") else element("code", token.content)
        elif token.type == "image":
            yield element("span", f"[picture: {words_of(token) or token.attrGet('src')}]", class_="quiet")
        else:
            yield _single(token)


def _single(token: Token) -> Markup:
    """Return a token that needs nothing around it."""
    match token.type:
        case "text" | "text_special":
            return joined(token.content.replace("\N{NO-BREAK SPACE}", " "))
        case "code_inline":
            return element("code", token.content)
        case "softbreak":
            return Markup("\n")
        case "hardbreak":
            return element("br")
        case "hr":
            return element("hr")
        case "fence" | "code_block":
            return element("pre", isolated(token.content))
        case "html_block":
            hidden = token.content.lstrip().startswith("<!--") or PAIR_OPEN.match(token.content)
            return Markup("") if hidden else element("pre", isolated(token.content))
    tag = LOWERED.get(token.tag, token.tag)
    if token.hidden or tag not in PLAIN | set(LOWERED.values()):
        return Markup("")
    if token.nesting < 0:
        return Markup(f"</{tag}>")
    attributes: dict[str, Any] = {"dir": "auto"} if tag in ("li", "td", "th") or token.tag in LOWERED else {}
    if token.tag == "ol" and token.attrGet("start") is not None:
        attributes["start"] = str(token.attrGet("start"))
    return _opening(tag, attributes)
