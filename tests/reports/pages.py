"""Reading a page as a browser would: tags in order, ids, links, pictures."""

from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects tags and text, and fails on what is closed in the wrong order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        """What is read, in one line."""
        return " ".join(" ".join(self.words).split())

    def of(self, *names: str) -> list[dict[str, str | None]]:
        """Return the attributes of all tags of these names."""
        return [attributes for tag, attributes in self.tags if tag in names]


def check_whole(text: str) -> Page:
    """Return the page; fail where it is not whole: tags, ids, links, alternative texts, anything from elsewhere."""
    page = Page(text)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) and None not in ids
    for attributes in page.of("a"):
        assert (attributes["href"] or "").startswith("#") and attributes["href"][1:] in ids, attributes
    for attributes in page.of("img"):
        assert attributes["alt"] and (attributes["src"] or "").startswith("data:image/"), attributes
    for attributes in page.of("svg"):
        drawn = attributes.get("role") == "img" and attributes.get("aria-label")
        assert drawn or attributes.get("aria-hidden") == "true", attributes
    for tag, attributes in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        for name in ("src", "href", "action", "srcset", "poster", "xlink:href"):
            value = attributes.get(name) or ""
            assert not value or value.startswith(("#", "data:image/")), (tag, name, value[:80])
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
    assert "@import" not in text and "url(" not in text
    return page
