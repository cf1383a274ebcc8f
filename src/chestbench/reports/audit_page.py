"""results/audit/audit.html: what was found, on one page that needs nothing else and can be printed.

Images are named by their id, never by their file. Everything that is put in is escaped.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from chestbench.catalog.records import LEAKS
from chestbench.core.files import atomic_file, read_csv
from chestbench.core.notice import NOTICE, SYNTHETIC, split_words
from chestbench.reports.leak_words import CATALOG_WORDS, SPLIT_WORDS
from chestbench.shortcuts.file_properties import PROPERTIES
from chestbench.shortcuts.inspection import in_words

_ROWS = 200
_PICTURES = {
    "class_counts.png": "Images of each class",
    "examples.png": "One image of each class",
    "image_sizes.png": "Sizes of the images",
    "grey_levels.png": "Grey levels of each class",
}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}: audit</title>
<style>
body { font: 15px/1.45 "DejaVu Sans", Arial, sans-serif; color: #111; background: #fff; max-width: 60em;
  margin: 1.5em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 1.8em; }
table { border-collapse: collapse; margin: .6em 0; } caption { text-align: left; color: #444; }
th, td { border: 1px solid #999; padding: .2em .6em; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font-size: .9em; } img { max-width: 100%; height: auto; display: block; }
.warning { border: 2px solid #111; border-left-width: 8px; padding: .4em .8em; margin: .8em 0; }
.quiet { color: #444; } figure { margin: 1em 0; break-inside: avoid; }
@media print { body { margin: 0; max-width: none; } }
</style>
</head>
<body>
<h1>{{ title }}: audit</h1>
<p class="quiet">{{ notice }}</p>
{% for warning in warnings %}<p class="warning"><strong>Warning.</strong> {{ warning }}</p>
{% else %}<p>The audits give no warning.</p>
{% endfor %}
{% for note in notes %}<p>{{ note }}</p>
{% endfor %}
<h2>Images</h2>
<p>{{ catalog.images_found }} found, {{ catalog.images_kept }} used; kept apart by {{ unit }}, {{ catalog.groups }}
groups.</p>
<table>
<tr><th>class</th><th>found</th><th>used</th></tr>
{% for name, count in catalog.per_class.items() %}
<tr><td>{{ name }}</td><td class="n">{{ count.found }}</td><td class="n">{{ count.kept }}</td></tr>
{% endfor %}
</table>
{% if catalog.excluded %}<table>
<caption>Left out</caption>
{% for reason, count in catalog.excluded.items() %}<tr><td>{{ reason }}</td><td class="n">{{ count }}</td></tr>
{% endfor %}
</table>{% endif %}
<h2>Leaks</h2>
<table>
<caption>Counted in the catalog</caption>
{% for name, words, count in catalog_leaks %}
<tr><td class="n">{{ count }}</td><td>{{ words }}</td></tr>
{% endfor %}
</table>
<p>{% if split.given_split %}The archive's own split is followed as published: copies of the very pixels are left out,
whatever else crosses it stays where it is.{% else %}Patients are kept in one part of the split, and so are look-alikes
and all patients who share them.{% endif %}</p>
<table>
<caption>Counted in train, val and test{% if split.given_split %}, as the archive gives them{% endif %}</caption>
{% for name, words, count in split_leaks %}
<tr><td class="n">{{ count }}</td><td>{{ words }}</td></tr>
{% endfor %}
</table>
{% if leaks %}<table>
<caption>{{ shown }} of {{ listed }} findings (all: results/catalog/leaks.csv)</caption>
<tr><th>finding</th><th>image</th><th>other image</th><th>labels</th><th>given split</th></tr>
{% for row in leaks %}
<tr><td>{{ row.finding }}</td><td><code>{{ row.image_id }}</code></td><td><code>{{ row.other_image_id }}</code></td>
<td>{{ row.label }}{% if row.two_labels %} / {{ row.other_label }}{% endif %}</td>
<td>{{ row.given_split }}{% if row.two_splits %} / {{ row.other_given_split }}{% endif %}</td></tr>
{% endfor %}
</table>{% endif %}
<h2>Shortcuts</h2>
<p>How well the classes are told by what should not tell them: AUC, 0.5 is chance, with the 95% interval over patients
(or groups). Every image is judged by a model that was fitted without its patient.</p>
<table>
<tr><th>what is seen</th><th>AUC</th><th>images</th><th>warning</th></tr>
<tr><td>file properties together</td><td>{{ in_words(files.auc) }}</td><td class="n">{{ files.images }}</td>
<td>{{ "yes" if files.warning else "no" }}</td></tr>
<tr><td>pictures with {{ "the lungs" if outside.box_of == "lungs" else "their middle" }} blacked out</td>
<td>{{ in_words(outside.auc) }}</td><td class="n">{{ outside.images }}</td>
<td>{{ "yes" if outside.warning else "no" }}</td></tr>
</table>
<table>
<caption>Each file property alone</caption>
{% for name, words in properties.items() %}
<tr><td>{{ words }}</td><td>{{ "the same in all images" if not files.not_judged and files.properties[name].value is none
else in_words(files.properties[name]) }}</td></tr>
{% endfor %}
</table>
{% for picture in pictures %}
<figure><img alt="{{ picture.alt }}" src="data:image/png;base64,{{ picture.data }}"></figure>
{% endfor %}
<p class="quiet">{{ notice }}</p>
</body>
</html>
"""


def write_page(
    path: Path, record: Mapping[str, Any], catalog: Mapping[str, Any], split: Mapping[str, Any], found: Path
) -> None:
    """Write the page; charts that lie in its folder are put into it.

    Args:
        path: audit.html. record, catalog, split: metrics/audit.json, catalog.json and split.json.
        found: results/catalog, with leaks.csv.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    leaks = read_csv(found / LEAKS)
    shortcuts = record["shortcuts"]
    charts = {
        "shortcuts.png": "AUC of file properties and of pictures with the lungs blacked out",
        "blacked_out.png": "Pictures with the lungs blacked out",
        **_PICTURES,
    }
    text = environment.from_string(_PAGE).render(
        title=catalog["dataset"],
        notice=f"{SYNTHETIC}; {NOTICE}" if catalog["synthetic"] else NOTICE,
        warnings=record["warnings"],
        notes=record["notes"],
        catalog=catalog,
        split=split,
        unit=split_words({**catalog, "images_in_all": catalog["images_kept"]}),
        catalog_leaks=_leaks(catalog["leaks"], CATALOG_WORDS),
        split_leaks=_leaks(split["leaks"], SPLIT_WORDS),
        leaks=leaks[:_ROWS],
        shown=min(_ROWS, len(leaks)),
        listed=len(leaks),
        files=shortcuts["file_properties"],
        outside=shortcuts["blacked_out"],
        properties=PROPERTIES,
        in_words=in_words,
        pictures=[
            {"alt": alt, "data": base64.b64encode((path.parent / name).read_bytes()).decode("ascii")}
            for name, alt in charts.items()
            if (path.parent / name).is_file()
        ],
    )
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _leaks(counts: Mapping[str, int], words: Mapping[str, str]) -> list[tuple[str, str, int]]:
    return [(name, words[name], count) for name, count in counts.items()]
