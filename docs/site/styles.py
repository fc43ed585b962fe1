"""The theme's style sheets without what no page uses: a first paint waits for them, also where nobody compresses."""

import itertools
import re

import tinycss2

NAMES = re.compile(r"\b(?:class|id)=[\"']([^\"']*)")
WORD = re.compile(r"[A-Za-z_][\w-]*")
NAMED_BY_SCRIPTS = ("bs-", "offcanvas", "modal", "dropdown", "collaps")  # bootstrap.js puts these names together


def lighten(site):
    """Write the sheets of the folder `site` anew, without the rules whose class or id stands in no page or script."""
    pages = "\n".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    used = {name for names in NAMES.findall(pages) for name in names.split()}
    for script in (site / "_static").rglob("*.js"):
        if "mathjax" not in script.parts and script.name != "fontawesome.js":
            used.update(WORD.findall(script.read_text(encoding="utf-8")))
    for sheet in (site / "_static").rglob("*.css"):
        rules = tinycss2.parse_stylesheet(sheet.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True)
        sheet.write_text(tinycss2.serialize(kept(rules, used)), encoding="utf-8")


def kept(rules, used):
    """The rules of a parsed sheet, media queries looked into, less the selectors that name something not in `used`."""
    left = []
    for rule in rules:
        if rule.type == "qualified-rule":
            rule.prelude = [token for part in _parts(rule.prelude) if _may_match(part, used) for token in part][:-1]
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            rule.content = kept(inner, used)
        if rule.type == "at-rule" or rule.prelude:
            left.append(rule)
    return left


def _parts(prelude):
    """A prelude's selectors, each a list of tokens that ends with its comma."""
    comma = tinycss2.ast.LiteralToken(0, 0, ",")
    parts = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [[*part, comma] for part in parts]


def _may_match(selector, used):
    """Whether every class and id that a selector demands is used; what stands in :not() or :is() is not demanded."""
    names = [token.value for token in selector if token.type == "hash"]
    names += [word.value for dot, word in itertools.pairwise(selector) if dot == "." and word.type == "ident"]
    return all(name in used or name.startswith(NAMED_BY_SCRIPTS) for name in names)
